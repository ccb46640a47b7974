using System.Runtime.CompilerServices;

namespace Granary.Storage.Postgres;

/// <summary>Reads the streams of a partition, and checks each event against the one before it.</summary>
internal sealed class PartitionReader(PartitionIndex index, PostgresDatabase database, StoredNames names)
{
    // A page ends at a mark, so it has at least as many events as there are from mark to mark.
    private const int FirstPageEvents = 2 * EventMarks.Spacing;
    private const int PageEventsMax = 16 * EventMarks.Spacing;
    private const int Growth = 4;
    private const long PageBytesMax = 4 * 1024 * 1024;

    private readonly RowNames _names = new(database, names);

    public PartitionIndex Index => index;

    /// <summary>Where a stream ends, with everything that was committed before the call.</summary>
    public async Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        var start = LogPosition.StartOf(index.Partition);
        if (await names.FindStreamAsync(stream, cancellationToken).ConfigureAwait(false) is not { } number)
            return new StreamHead(stream, StreamVersion.Zero, start, null, null);
        for (var known = -1L; ; known = index.Known)
        {
            await index.CatchUpAsync(cancellationToken).ConfigureAwait(false);
            var head = await FindHeadAsync(number, cancellationToken).ConfigureAwait(false) ?? throw NoHead(stream);
            if (head.Version > 0 && (head.Created is null || head.Updated is null))
                throw Missing(stream, head.Version);
            if (head.First <= head.Version)
                return new StreamHead(
                    stream, new(head.Version), new(index.Partition, new(head.Position)), head.Created, head.Updated,
                    new(head.First));

            // Another process has appended since, and truncated the stream before that: it is known next time.
            if (index.Known == known) throw Missing(stream, head.First);
        }
    }

    /// <summary>The events of a stream after a version, page by page.</summary>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(
        StreamName stream, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await names.FindStreamAsync(stream, cancellationToken).ConfigureAwait(false) is not { } number)
            yield break;
        await index.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        var (cleared, count) = (-1L, FirstPageEvents);
        for (var more = true; more;)
        {
            var page = await ReadPageAsync(number, after, count, cancellationToken).ConfigureAwait(false);
            var head = page.Head ?? throw NoHead(stream);
            if (cleared >= 0 && page.Cleared != cleared)
                throw new StoreUnavailableException($"Stream {stream} was cleared while it was read. Read it again.");
            cleared = page.Cleared;
            if (page.First - 1 > after) throw new StreamTruncatedException(stream, new(after + 1), new(page.First));
            if (head > after && page.Rows.Count == 0) throw Missing(stream, after + 1);
            var typeOf = await _names.TypesAsync(page.Rows, cancellationToken).ConfigureAwait(false);
            foreach (var row in page.Rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (row.Stream != number || row.Version != after + 1) throw Missing(stream, after + 1);
                after = row.Version;
                yield return row.ToRecorded(stream, index.Partition, typeOf(row));
            }

            more = after < head;
            count = Math.Clamp(page.Rows.Count * Growth, FirstPageEvents, PageEventsMax);
        }
    }

    private async Task<Head?> FindHeadAsync(long number, CancellationToken cancellationToken)
    {
        var known = index.Unflushed.View(number).Head;
        var rows = await database.Call("read_stream_head").With(index.Partition.Value).With(number)
            .With(known?.Version).With(known?.Position).With(index.Unflushed.Mark(number, 1))
            .ReadAsync(
                static row => row.IsDBNull(0) ? null : new Head(
                    row.GetInt64(0), row.GetInt64(1),
                    row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2),
                    row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3), row.GetInt64(4)),
                cancellationToken)
            .ConfigureAwait(false);
        return rows[0];
    }

    private async Task<EventPage> ReadPageAsync(
        long number, long after, int count, CancellationToken cancellationToken)
    {
        // What is in memory is looked up first: what is flushed meanwhile is in the tables then.
        var end = EventMarks.AtMost(after + count);
        var (known, mark) = (index.Unflushed.View(number).Head, index.Unflushed.Mark(number, end));
        var rows = await database.Call("read_stream_page").With(index.Partition.Value).With(number)
            .With(after).With(end).With(known?.Version).With(known?.Position).With(mark).With(PageBytesMax)
            .ReadAsync(
                static row => (
                    Cleared: row.GetInt64(0),
                    Head: row.IsDBNull(1) ? (long?)null : row.GetInt64(1),
                    First: row.GetInt64(2),
                    Row: StoredRow.Read(row, 3)),
                cancellationToken)
            .ConfigureAwait(false);

        // Not even an empty page has no row: the walk back has lost its way.
        if (rows.Count == 0) throw new StoreCorruptException(
            $"{database.Name}: the events of stream number {number} do not lead back to version {after + 1}. Restore "
            + "the database from a backup.");
        return new EventPage(
            rows[0].Cleared, rows[0].Head, rows[0].First,
            [.. rows.Where(static one => one.Row is not null).Select(one => one.Row!)]);
    }

    private StoreCorruptException Missing(StreamName stream, long version) => new(
        $"{database.Name}: version {version} of stream {stream} in partition {index.Partition} is missing, or another "
        + "event is in its place. Restore the database from a backup.");

    // Every stream has a head: where none is found, it is lost and not absent.
    private StoreCorruptException NoHead(StreamName stream) => new(
        $"{database.Name}: stream {stream} in partition {index.Partition} has no head. Restore the database from a "
        + "backup.");

    private sealed record Head(
        long Version, long Position, DateTimeOffset? Created, DateTimeOffset? Updated, long First);

    private sealed record EventPage(long Cleared, long? Head, long First, IReadOnlyList<StoredRow> Rows);
}
