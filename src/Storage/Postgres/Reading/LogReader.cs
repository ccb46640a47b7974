using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>Reads pages of the log.</summary>
internal sealed class LogReader(PostgresDatabase database, StoredNames names)
{
    // How many events a page looks at, however few the filter takes.
    private const int LookedAtMax = 4_096;

    private static readonly byte[] Tombstone = Names.Bytes(EventTypes.Tombstone);

    /// <summary>At most so many events of a partition after a position, of those that a filter takes.</summary>
    public async Task<LogPage> ReadAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        var takesAll = filter.Categories is null && filter.EventTypes is null;
        var rows = await database.Call("read_log").With(after.Partition.Value).With(after.Position.Value)
            .With(Math.Min(limit, LookedAtMax)).With(takesAll ? Math.Min(limit, LookedAtMax) : LookedAtMax)
            .With((long)GranaryLimits.PageBytesMax)
            .With(Bytes(filter.Categories), NpgsqlDbType.Bytea).With(Bytes(filter.EventTypes), NpgsqlDbType.Bytea)
            .With(Tombstone)
            .ReadAsync(
                static row => (
                    End: row.GetInt64(0), Through: row.GetInt64(1), Looked: row.GetInt64(2), Event: LogRow.Read(row)),
                cancellationToken)
            .ConfigureAwait(false);
        var (end, through, looked, _) = rows[0];
        if (through - after.Position.Value != looked || (through <= after.Position.Value && end > through))
            throw new StoreCorruptException(
                $"{database.Name}: positions of partition {after.Partition} between {after.Position.Value + 1} and "
                + $"{Math.Max(through, after.Position.Value + 1)} are missing. Restore the database from a backup.");

        var events = rows.Where(static one => one.Event is not null).Select(static one => one.Event!).ToList();
        var typeOf = await EventTypesOfRows.ResolveAsync(
            names, events.Select(static one => one.Row), database.Name, cancellationToken).ConfigureAwait(false);
        return new LogPage(
            [.. events.Select(one => one.Row.ToRecorded(
                one.Stream ?? throw NoStream(one.Row), after.Partition,
                one.IsCleared ? StoredType.Tombstone : typeOf(one.Row)))],
            new(through),
            new(end));
    }

    private static List<byte[]>? Bytes(IReadOnlySet<string>? texts) =>
        texts is null ? null : [.. texts.Select(Names.Bytes)];

    private StoreCorruptException NoStream(StoredRow row) => new(
        $"{database.Name} has no stream number {row.Stream}, which position {row.Position} refers to. Restore the "
        + "database from a backup.");

    /// <summary>An event with its stream's name; null where the table of streams does not have that.</summary>
    private sealed record LogRow(StoredRow Row, StreamName? Stream, bool IsCleared)
    {
        private const int First = 3;

        public static LogRow? Read(Npgsql.NpgsqlDataReader row)
        {
            if (StoredRow.Read(row, First) is not { } stored) return null;
            var at = StoredRow.After(First);
            StreamName? stream = row.IsDBNull(at)
                ? null
                : new StreamName(
                    Names.Text(row.GetFieldValue<byte[]>(at)), Names.Text(row.GetFieldValue<byte[]>(at + 1)));
            return new LogRow(stored, stream, row.GetBoolean(at + 2));
        }
    }
}
