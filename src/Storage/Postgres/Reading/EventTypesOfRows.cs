namespace Granary.Storage.Postgres;

/// <summary>The event types that the rows of a page have.</summary>
internal static class EventTypesOfRows
{
    public static async ValueTask<Func<StoredRow, StoredType>> ResolveAsync(
        StoredNames names, IEnumerable<StoredRow> rows, string store, CancellationToken cancellationToken)
    {
        var types = new Dictionary<int, NumberedType>();
        var unknown = new HashSet<int>();
        foreach (var row in rows)
        {
            if (types.ContainsKey(row.Type) || unknown.Contains(row.Type)) continue;
            if (names.KnownType(row.Type) is { } known) types.Add(row.Type, known);
            else unknown.Add(row.Type);
        }

        if (unknown.Count > 0)
        {
            foreach (var found in await names.FindTypesAsync(unknown, cancellationToken).ConfigureAwait(false))
                types.Add(found.Key, found.Value);
        }

        return row => types.TryGetValue(row.Type, out var type) ? type.Type : throw new StoreCorruptException(
            $"{store} has no event type {row.Type}, which position {row.Position} refers to. Restore the database from "
            + "a backup.");
    }
}
