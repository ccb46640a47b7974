namespace Granary;

/// <summary>A page of parked streams, in an order of their own.</summary>
/// <param name="Streams">The streams.</param>
/// <param name="Next">What to hand back for the next page; null where there are no more.</param>
[GenerateSerializer, Immutable, Alias("granary.ParkedPage")]
public sealed record ParkedPage(
    [property: Id(0)] IReadOnlyList<ParkedStream> Streams,
    [property: Id(1)] string? Next);
