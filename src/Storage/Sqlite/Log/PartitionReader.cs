namespace Granary.Storage.Sqlite;

/// <summary>Some events, and whether there may be more behind them.</summary>
/// <param name="Events">The events, oldest first.</param>
/// <param name="More">Whether more may follow.</param>
/// <param name="Life">Where the stream was cleared last: another number is another life.</param>
internal readonly record struct Page(IReadOnlyList<RecordedEvent> Events, bool More, long Life = 0);

/// <summary>Reads pages of a partition: of one stream, or of the log as it is.</summary>
internal sealed class PartitionReader(PartitionIndex index, SqliteNames names, string path)
{
    // Events may be a mebibyte each: a page ends early rather than take hundreds of them into memory.
    private const int PageBytesMax = 4 * 1024 * 1024;

    public PartitionIndex Index => index;

    /// <summary>At most so many events of the log behind a position.</summary>
    public Page Log(SqliteSession session, long after, int countMax)
    {
        using var cursor = index.LogOf(session).Forward(after);
        var events = new List<RecordedEvent>();
        var bytes = 0L;
        while (events.Count < countMax && bytes < PageBytesMax)
        {
            if (!cursor.Step()) return new Page(events, More: false);
            var row = cursor.Row;
            if (row.Position != after + events.Count + 1) throw index.Missing(after + events.Count + 1);
            var stream = names.StreamOf(session, row.Stream) ?? throw Damaged(row.Position);
            events.Add(Record(session, cursor, row, stream));
            bytes += events[^1].Payload.Length;
        }

        return new Page(events, More: true);
    }

    /// <summary>At most so many events of a stream behind a version; at least a mark's distance of them.</summary>
    public Page Stream(SqliteSession session, StreamNumber stream, TailView tail, long after, int countMax)
    {
        var head = index.HeadForReader(session, stream.Id, tail);
        var life = session.Names.Cleared(stream.Id);
        if (head.Version <= after) return new Page([], More: false, life);

        // A page ends at a mark, so that the next one begins where a place is known.
        var last = head.Version - after <= countMax
            ? head.Version
            : Math.Max(after + 1, IndexStatements.MarkedAtMost(after + countMax));
        var from = index.Near(session, stream.Id, head, last);
        IReadOnlyList<RecordedEvent> events = Collect(session, stream, from, last, after)
            ?? (IReadOnlyList<RecordedEvent>)CollectLarge(session, stream, from, last, after);
        return new Page(events, events[^1].Version.Value < head.Version, life);
    }

    /// <summary>Where a stream ends, and when it began.</summary>
    public StreamHead Head(SqliteSession session, StreamNumber stream, TailView tail)
    {
        var head = index.HeadForReader(session, stream.Id, tail);
        var position = new LogPosition(index.Partition, new(head.Position));
        if (head.Version == 0) return new StreamHead(stream.Name, StreamVersion.Zero, position, null, null);
        var last = LastRow(session, stream.Id, head);
        var first = head.Version == 1 ? last : index.WalkBack(session, stream.Id, head, from: 1, after: 0).First();
        return new StreamHead(
            stream.Name, new(head.Version), position, LogRow.Instant(first.Timestamp), LogRow.Instant(last.Timestamp));
    }

    private LogRow LastRow(SqliteSession session, long stream, Place head)
    {
        using var cursor = index.LogOf(session).Backward(head.Position);
        return RowAt(cursor, stream, head);
    }

    // Newest first, as each event leads to the one before it. Null where they are too large to be read at once.
    private RecordedEvent[]? Collect(
        SqliteSession session, StreamNumber stream, Place from, long last, long after)
    {
        using var cursor = index.LogOf(session).Backward(from.Position);
        var events = new RecordedEvent[last - after];
        var bytes = 0L;
        for (var at = from; at.Version > after;)
        {
            var row = RowAt(cursor, stream.Id, at);
            if (at.Version <= last)
            {
                var recorded = Record(session, cursor, row, stream.Name);
                events[at.Version - after - 1] = recorded;
                bytes += recorded.Payload.Length;
                if (bytes > PageBytesMax) return null;
            }

            var prev = cursor.Prev;
            if (prev != at.Position - 1) cursor.Jump(prev);
            at = new Place(at.Version - 1, prev);
        }

        return events;
    }

    // Their sizes first, without their content; then the oldest of them, as many as a page takes.
    private List<RecordedEvent> CollectLarge(
        SqliteSession session, StreamNumber stream, Place from, long last, long after)
    {
        var log = index.LogOf(session);
        var places = new Stack<(Place Place, long Size)>();
        for (var at = from; at.Version > after;)
        {
            var (prev, size) = log.SizeAt(stream.Id, at) ?? throw index.Misplaced(at);
            if (at.Version <= last) places.Push((at, size));
            at = new Place(at.Version - 1, prev);
        }

        var events = new List<RecordedEvent>();
        var bytes = 0L;
        while (places.TryPop(out var next) && (events.Count == 0 || bytes + next.Size <= PageBytesMax))
        {
            using var cursor = log.Backward(next.Place.Position);
            events.Add(Record(session, cursor, RowAt(cursor, stream.Id, next.Place), stream.Name));
            bytes += next.Size;
        }

        return events;
    }

    private LogRow RowAt(in LogCursor cursor, long stream, Place expected)
    {
        if (!cursor.Step()) throw index.Missing(expected.Position);
        var row = cursor.Row;
        if (row.Position != expected.Position) throw index.Missing(expected.Position);
        if (row.Stream != stream || row.Version != expected.Version) throw index.Misplaced(expected);
        return row;
    }

    // Every column is asked for once: each asking crosses into SQLite.
    private RecordedEvent Record(SqliteSession session, in LogCursor cursor, in LogRow row, StreamName stream)
    {
        var metadata = cursor.Metadata;
        var payload = cursor.Payload;
        if (row.Checksum(metadata, payload) != cursor.Checksum || names.TypeOf(session, row.Type) is not { } type)
            throw Damaged(row.Position);
        return new RecordedEvent
        {
            Stream = stream,
            Version = new(row.Version),
            Position = new(index.Partition, new(row.Position)),
            Id = row.Id,
            AppendId = new(row.AppendId),
            Type = type.Name,
            SchemaVersion = type.SchemaVersion,
            Timestamp = LogRow.Instant(row.Timestamp),
            ContentType = type.ContentType,
            Payload = payload.ToArray(),
            Metadata = MetadataOf(metadata),
        };
    }

    private static EventMetadata MetadataOf(ReadOnlySpan<byte> utf8) =>
        utf8.Length <= 2 ? EventMetadata.Empty : EventMetadata.FromUtf8(utf8.ToArray());

    private StoreCorruptException Damaged(long position) => new(
        $"{path}: the event at position {position} of partition {index.Partition} is damaged, its checksum does "
        + "not match. Restore it from a backup.");
}
