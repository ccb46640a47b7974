namespace Granary;

/// <summary>A row of a new build that differs from that of the build that served queries.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kind">How it differs.</param>
[GenerateSerializer, Immutable, Alias("granary.BuildDifference")]
public sealed record BuildDifference(
    [property: Id(0)] string Key,
    [property: Id(1)] DifferenceKind Kind);
