namespace Granary.Storage.Postgres;

/// <summary>What the numbers in the rows of a page stand for: from memory, else from the tables.</summary>
internal sealed class RowNames(PostgresDatabase database, StoredNames names)
{
    /// <summary>The event types of rows.</summary>
    public async ValueTask<Func<StoredRow, StoredType>> TypesAsync(
        IReadOnlyList<StoredRow> rows, CancellationToken cancellationToken)
    {
        var types = await ResolveAsync(
            rows.Select(static row => row.Type), names.KnownType, names.FindTypesAsync, cancellationToken)
            .ConfigureAwait(false);
        return row => types.TryGetValue(row.Type, out var type)
            ? type.Type
            : throw Missing("event type", row.Type, row);
    }

    /// <summary>The streams of rows.</summary>
    public async ValueTask<Func<StoredRow, StreamName>> StreamsAsync(
        IReadOnlyList<StoredRow> rows, CancellationToken cancellationToken)
    {
        var streams = await ResolveAsync(
            rows.Select(static row => row.Stream), names.KnownName, names.FindNamesAsync, cancellationToken)
            .ConfigureAwait(false);
        return row => streams.TryGetValue(row.Stream, out var stream)
            ? stream.Name
            : throw Missing("stream", row.Stream, row);
    }

    private static async ValueTask<Dictionary<TNumber, TNamed>> ResolveAsync<TNumber, TNamed>(
        IEnumerable<TNumber> numbers,
        Func<TNumber, TNamed?> known,
        Func<IReadOnlyCollection<TNumber>, CancellationToken, Task<Dictionary<TNumber, TNamed>>> find,
        CancellationToken cancellationToken)
        where TNumber : notnull
        where TNamed : class
    {
        var resolved = new Dictionary<TNumber, TNamed>();
        var unknown = new HashSet<TNumber>();
        foreach (var number in numbers)
        {
            if (resolved.ContainsKey(number) || unknown.Contains(number)) continue;
            if (known(number) is { } named) resolved.Add(number, named);
            else unknown.Add(number);
        }

        if (unknown.Count == 0) return resolved;
        foreach (var (number, named) in await find(unknown, cancellationToken).ConfigureAwait(false))
            resolved.Add(number, named);
        return resolved;
    }

    private StoreCorruptException Missing(string what, long number, StoredRow row) => new(
        $"{database.Name} has no {what} number {number}, which position {row.Position} refers to. Restore the database "
        + "from a backup.");
}
