namespace Granary;

/// <summary>A page of models.</summary>
/// <param name="Models">The models, in the order that was asked for.</param>
/// <param name="Next">What to hand back for the next page; null where there are no more.</param>
[GenerateSerializer, Immutable, Alias("granary.ReadModelPage")]
public sealed record ReadModelPage(
    [property: Id(0)] IReadOnlyList<ReadModel> Models,
    [property: Id(1)] string? Next);
