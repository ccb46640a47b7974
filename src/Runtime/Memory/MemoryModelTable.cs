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
        var at = query.OrderBy is { } column ? ModelOrder.IndexOf(table, column) : -1;
        var found = _rows.Values
            .Where(row => query.Conditions.All(one => ModelOrder.IsTrue(one, table, row.Row.Key, row.Values)))
            .Select(row => (row.Row, Value: at < 0 ? null : row.Values[at]))
            .Where(row => query.After is not { } after || order * Compare(row.Value, row.Row.Key, after) > 0)
            .ToList();
        found.Sort((left, right) => order * Compare(left.Value, left.Row.Key, new(right.Value, right.Row.Key)));
        var page = ModelPages.Cut(found.Take(query.Limit + 1), query.Limit);
        return page;
    }

    private static int Compare(object? value, string key, ModelCursor cursor)
    {
        var order = ModelOrder.Compare(value, cursor.Value);
        return order != 0 ? order : Utf8Order.Compare(key, cursor.Key);
    }
}
