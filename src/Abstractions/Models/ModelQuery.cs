namespace Granary;

/// <summary>Which rows of a table of models are read, and in which order.</summary>
/// <param name="Table">The table.</param>
public sealed record ModelQuery(ModelTable Table)
{
    /// <summary>How many conditions a query has at most.</summary>
    public const int ConditionsMax = 16;

    /// <summary>What must be true of every row; none for all rows.</summary>
    public IReadOnlyList<ModelCondition> Conditions { get; init; } = [];

    /// <summary>
    /// The column that orders the rows, those of the same value by their key; null for the key alone.
    /// </summary>
    public ModelColumn? OrderBy { get; init; }

    /// <summary>Whether the order is reversed, that of the keys as well.</summary>
    public bool Descending { get; init; }

    /// <summary>The last row of the page before; null for the first page.</summary>
    public ModelCursor? After { get; init; }

    /// <summary>How many rows at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>
    /// For stores: checks that the table has the columns, that the values are of their kinds, and the limits.
    /// </summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, GranaryLimits.PageSizeMax);
        LimitExceededException.ThrowIfOver(
            ConditionsMax, Conditions.Count, "number of conditions of a query", "Use fewer.");
        foreach (var one in Conditions)
        {
            if (one.Column is { } column) CheckColumn(column, one.Value);
            else if (one.Value is not string) throw new ArgumentException("A key is compared with a text.");
        }

        if (OrderBy is { } order) CheckColumn(order, After?.Value);
        else if (After?.Value is not null) throw new ArgumentException("An order by key has a cursor without a value.");
    }

    private void CheckColumn(ModelColumn column, object? value)
    {
        if (!Table.Columns.Contains(column))
            throw new ArgumentException($"The table '{Table.Name}' has no column '{column.Name}' of that kind.");
        column.Normalize(value);
    }
}
