namespace Granary.Runtime;

/// <summary>The rows of one table of a <see cref="MemoryModelStore"/>. Its caller holds the store's lock.</summary>
internal sealed class MemoryModelTable(ModelTable table)
{
    private readonly Dictionary<string, (ModelRow Row, IReadOnlyList<object?> Values)> _rows = [];

    public ModelTable Table => table;

    public ModelRow? Find(string key) => _rows.TryGetValue(key, out var found) ? found.Row : null;

    public bool IsAllowed(ModelWrite write) => (Find(write.Key)?.Revision ?? 0) == write.ExpectedRevision;

    /// <summary>Whether a commit that had landed has written this.</summary>
    public bool IsDone(ModelWrite write, long commitId) =>
        write.Document is null ? Find(write.Key) is null : Find(write.Key)?.Revision == commitId;

    public void Apply(ModelWrite write, long commitId)
    {
        if (write.Document is not { } document) _rows.Remove(write.Key);
        else
            _rows[write.Key] = (
                new ModelRow(write.Key, document.ToArray(), write.Position, commitId), write.Values);
    }

    public ModelPage Query(ModelQuery query)
    {
        var order = query.Descending ? -1 : 1;
        var at = query.OrderBy is { } column ? table.Columns.ToList().IndexOf(column) : -1;
        var found = _rows.Values
            .Where(row => query.Conditions.All(one => IsTrue(one, row.Row, row.Values)))
            .Select(row => (row.Row, Value: at < 0 ? null : row.Values[at]))
            .Where(row => query.After is not { } after || order * Compare(row.Value, row.Row.Key, after) > 0)
            .ToList();
        found.Sort((left, right) => order * Compare(left.Value, left.Row.Key, new(right.Value, right.Row.Key)));
        var page = ModelPages.Cut(found.Take(query.Limit + 1), query.Limit);
        return page;
    }

    private bool IsTrue(ModelCondition condition, ModelRow row, IReadOnlyList<object?> values)
    {
        var (value, other) = condition.Column is { } column
            ? (values[table.Columns.ToList().IndexOf(column)], column.Normalize(condition.Value))
            : (row.Key, condition.Value);
        if (value is null || other is null)
            return condition.Comparison == ModelComparison.Equal && value is null && other is null;
        var order = CompareValues(value, other);
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

    private static int Compare(object? value, string key, ModelCursor cursor)
    {
        var order = CompareValues(value, cursor.Value);
        return order != 0 ? order : Utf8Order.Compare(key, cursor.Key);
    }

    private static int CompareValues(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string one, string other) => Utf8Order.Compare(one, other),
        _ => Comparer<object>.Default.Compare(left, right),
    };
}
