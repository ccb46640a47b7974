namespace Granary;

/// <summary>A page of a store's streams.</summary>
/// <param name="Streams">Their names.</param>
/// <param name="Next">After which stream the next page begins; null where this is the last one.</param>
[GenerateSerializer, Immutable, Alias("granary.StreamPage")]
public sealed record StreamPage(
    [property: Id(0)] IReadOnlyList<StreamName> Streams,
    [property: Id(1)] StreamName? Next);
