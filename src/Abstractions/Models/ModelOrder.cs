namespace Granary;

/// <summary>
/// For stores that compare values themselves: the order of a column's values, and what a condition means.
/// </summary>
internal static class ModelOrder
{
    /// <summary>The order of two values of a column; null is first.</summary>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string one, string other) => Utf8Order.Compare(one, other),
        _ => Comparer<object>.Default.Compare(left, right),
    };

    /// <summary>Whether a condition is true of a row.</summary>
    public static bool IsTrue(ModelCondition condition, ModelTable table, string key, IReadOnlyList<object?> values)
    {
        var (value, other) = condition.Column is { } column
            ? (values[IndexOf(table, column)], column.Normalize(condition.Value))
            : (key, condition.Value);
        if (value is null || other is null)
            return condition.Comparison == ModelComparison.Equal && value is null && other is null;
        var order = Compare(value, other);
        return condition.Comparison switch
        {
            ModelComparison.Equal => order == 0,
            ModelComparison.Less => order < 0,
            ModelComparison.LessOrEqual => order <= 0,
            ModelComparison.Greater => order > 0,
            ModelComparison.GreaterOrEqual => order >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }

    /// <summary>Where a column is among those of its table.</summary>
    public static int IndexOf(ModelTable table, ModelColumn column)
    {
        for (var at = 0; at < table.Columns.Count; at++)
        {
            if (table.Columns[at] == column) return at;
        }

        throw new ArgumentException($"The table '{table.Name}' has no column '{column.Name}'.");
    }
}
