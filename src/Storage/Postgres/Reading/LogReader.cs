using Npgsql;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>Reads pages of the log.</summary>
internal sealed class LogReader(PostgresDatabase database, StoredNames names)
{
    // How many events a page looks at, however few the filter takes.
    private const int LookedAtMax = 4_096;

    private static readonly byte[] Tombstone = Names.Bytes(EventTypes.Tombstone);

    private readonly RowNames _names = new(database, names);

    /// <summary>At most so many events of a partition after a position, of those that a filter takes.</summary>
    public async Task<LogPage> ReadAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Min(limit, LookedAtMax);
        filter.Check();
        var page = filter.Categories is null && filter.EventTypes is null && filter.Streams is null
            ? await ReadAllAsync(after, limit, cancellationToken).ConfigureAwait(false)
            : await ReadFilteredAsync(after, filter, limit, cancellationToken).ConfigureAwait(false);
        var (from, through) = (after.Position.Value, page.Through);
        if (through - from != page.Looked || (through <= from && page.End > through))
            throw new StoreCorruptException(
                $"{database.Name}: positions of partition {after.Partition} between {from + 1} and "
                + $"{Math.Max(through, from + 1)} are missing. Restore the database from a backup.");

        var rows = page.Events.ConvertAll(static one => one.Row);
        var typeOf = await _names.TypesAsync(rows, cancellationToken).ConfigureAwait(false);
        var streamOf = await _names.StreamsAsync(rows, cancellationToken).ConfigureAwait(false);
        var events = page.Events.ConvertAll(one => one.Row.ToRecorded(
            streamOf(one.Row), after.Partition, one.IsCleared ? StoredType.Tombstone : typeOf(one.Row)));
        return new LogPage(events, new(through), new(page.End));
    }

    private async Task<Page> ReadAllAsync(LogPosition after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Call("read_log").With(after.Partition.Value).With(after.Position.Value).With(limit)
            .With((long)GranaryLimits.PageBytesMax)
            .ReadAsync(static row => (End: row.GetInt64(0), Event: LogRow.Read(row, 1)), cancellationToken)
            .ConfigureAwait(false);
        var events = Events(rows.Select(static one => one.Event));
        var through = events.Count > 0 ? events[^1].Row.Position : after.Position.Value;
        return new Page(events, through, events.Count, rows[0].End);
    }

    private async Task<Page> ReadFilteredAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Call("read_filtered_log").With(after.Partition.Value).With(after.Position.Value)
            .With(limit).With(LookedAtMax).With((long)GranaryLimits.PageBytesMax)
            .With(Bytes(filter.Categories), NpgsqlDbType.Bytea).With(Bytes(filter.EventTypes), NpgsqlDbType.Bytea)
            .With(Tombstone).With(HashesOf(filter.Streams), NpgsqlDbType.Bytea)
            .ReadAsync(
                static row => (
                    End: row.GetInt64(0), Through: row.GetInt64(1), Looked: row.GetInt64(2),
                    Event: LogRow.Read(row, 3)),
                cancellationToken)
            .ConfigureAwait(false);
        return new Page(
            Events(rows.Select(static one => one.Event)), rows[0].Through, rows[0].Looked, rows[0].End);
    }

    private static List<LogRow> Events(IEnumerable<LogRow?> rows) =>
        [.. rows.Where(static one => one is not null).Select(static one => one!)];

    private static List<byte[]>? Bytes(IReadOnlySet<string>? texts) =>
        texts is null ? null : [.. texts.Select(Names.Bytes)];

    private static List<byte[]>? HashesOf(IReadOnlySet<StreamName>? streams) =>
        streams is null ? null : [.. streams.Select(Names.HashOf)];

    private sealed record Page(List<LogRow> Events, long Through, long Looked, long End);

    private sealed record LogRow(StoredRow Row, bool IsCleared)
    {
        public static LogRow? Read(NpgsqlDataReader row, int first) =>
            StoredRow.Read(row, first) is { } stored
                ? new LogRow(stored, row.GetBoolean(StoredRow.After(first)))
                : null;
    }
}
