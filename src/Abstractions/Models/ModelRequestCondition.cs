namespace Granary;

/// <summary>A condition on a column, or on the key.</summary>
/// <param name="Column">The column's name; <c>key</c> for the key.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Value">
/// With what, as text: numbers with a point, times in RFC 3339, <c>true</c> or <c>false</c>. Null for no value, which
/// is
/// equal to no value alone.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.ModelRequestCondition")]
public sealed record ModelRequestCondition(
    [property: Id(0)] string Column,
    [property: Id(1)] ModelComparison Comparison,
    [property: Id(2)] string? Value);
