using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>Reads pages of the names of streams, in the order of their numbers.</summary>
internal sealed class CatalogReader(PostgresDatabase database, StoredNames names)
{
    // How many streams a page looks at, however few are of the category.
    private const int LookedAtMax = 4_096;

    /// <summary>At most so many names after one, of a category or of all.</summary>
    public async Task<StreamPage> ReadAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        var number = 0L;
        byte[][]? categories = category is null ? null : [Names.Bytes(category)];
        if (after is { } last)
            number = await names.FindStreamAsync(last, cancellationToken).ConfigureAwait(false)
                ?? throw new ArgumentException($"There is no stream {last}.", nameof(after));
        var rows = await database.Call("read_streams").With(number).With(Math.Min(limit, LookedAtMax))
            .With(LookedAtMax).With(categories, NpgsqlDbType.Bytea)
            .ReadAsync(
                static row => (
                    Name: new StreamName(
                        Names.Text(row.GetFieldValue<byte[]>(0)), Names.Text(row.GetFieldValue<byte[]>(1))),
                    IsTaken: row.GetBoolean(2), HasMore: row.GetBoolean(3)),
                cancellationToken)
            .ConfigureAwait(false);
        return new StreamPage(
            [.. rows.Where(static one => one.IsTaken).Select(static one => one.Name)],
            rows.Count > 0 && rows[^1].HasMore ? rows[^1].Name : null);
    }
}
