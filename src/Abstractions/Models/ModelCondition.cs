namespace Granary;

/// <summary>A condition on a column of a row, or on its key.</summary>
/// <param name="Column">The column; null for the key.</param>
/// <param name="Comparison">How it is compared.</param>
/// <param name="Value">
/// With what: a value of the column's kind. Null is equal to null alone, and no other comparison with null is true.
/// </param>
public sealed record ModelCondition(ModelColumn? Column, ModelComparison Comparison, object? Value);
