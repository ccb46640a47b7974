namespace Granary;

/// <summary>For stores: cuts what a query has found into a page.</summary>
public static class ModelPages
{
    /// <summary>
    /// The page of the first rows, at most so many, and within <see cref="GranaryLimits.PageBytesMax"/> of documents
    /// but
    /// for the first row.
    /// </summary>
    /// <param name="found">
    /// The rows with the value that orders them; one more than the limit where there is one.
    /// </param>
    /// <param name="limit">How many the page holds at most.</param>
    public static ModelPage Cut(IEnumerable<(ModelRow Row, object? Value)> found, int limit)
    {
        var rows = new List<ModelRow>();
        var (bytes, last) = (0L, default(object));
        foreach (var (row, value) in found)
        {
            bytes += row.Document.Length;
            if (rows.Count == limit || (rows.Count > 0 && bytes > GranaryLimits.PageBytesMax))
                return new ModelPage(rows, new ModelCursor(last, rows[^1].Key));
            rows.Add(row);
            last = value;
        }

        return new ModelPage(rows, null);
    }
}
