namespace Granary.Storage.Sqlite;

/// <summary>Some events, and whether there may be more after them.</summary>
/// <param name="Events">The events, oldest first.</param>
/// <param name="More">Whether more may follow.</param>
/// <param name="Generation">The position of the stream's last clearing, or 0.</param>
internal readonly record struct Page(IReadOnlyList<RecordedEvent> Events, bool More, long Generation = 0);

/// <summary>Reads pages of a partition, of one stream or of the log, and checks each event of them.</summary>
internal sealed class PartitionReader(PartitionIndex index, SqliteNames names, string path)
{
    // Events may be a mebibyte each: a page ends early rather than take hundreds of them into memory, or look at
    // thousands of them in one read, during which the write-ahead log cannot be truncated.
    private const int PageBytesMax = 4 * 1024 * 1024;

    // How many events a page of the log looks at, however few the filter takes.
    private const int LookedAtMax = 4_096;

    public PartitionIndex Index => index;

    /// <summary>At most so many events of the log after a position, of those that a filter takes.</summary>
    public LogPage Log(SqliteSession session, long after, LogFilter filter, int limit)
    {
        var log = index.LogOf(session);
        var (end, through, bytes) = (log.LastPosition(), after, 0L);
        var events = new List<RecordedEvent>();
        var before = session.Leftovers.IsAnyIn(index.Partition) ? new Dictionary<long, long>() : null;
        using var cursor = log.Forward(after);
        for (var looked = 0; looked < LookedAtMax && through < end; looked++)
        {
            if (events.Count == limit || bytes >= PageBytesMax) break;
            if (!cursor.Step()) throw index.Missing(through + 1);
            var row = cursor.Row;
            if (row.Position != through + 1) throw index.Missing(through + 1);
            var stream = names.StreamOf(session, row.Stream) ?? throw Damaged(row.Position);
            var isRemoved = before is not null && IsRemoved(session, row, before);
            if (Record(session, cursor, row, stream, filter, isRemoved, out var size) is { } recorded)
                events.Add(recorded);
            bytes += size;
            through = row.Position;
        }

        return new LogPage(events, new(through), new(end));
    }

    /// <summary>At most so many events of a stream after a version; at least as many as from mark to mark.</summary>
    public Page Stream(SqliteSession session, StreamNumber stream, UnflushedView unflushed, long after, int countMax)
    {
        var head = index.HeadForReader(session, stream.Id, unflushed);
        var removed = index.RemovedOf(session, stream.Id);
        var generation = removed.Clearing;
        if (after < removed.First.Version - 1)
            throw new StreamTruncatedException(stream.Name, new(after + 1), new(removed.First.Version));
        if (head.Version <= after) return new Page([], More: false, generation);

        // A page ends at a mark, so that the next one begins at a known address.
        var last = head.Version - after <= countMax
            ? head.Version
            : Math.Max(after + 1, EventMarks.AtMost(after + countMax));
        var from = index.Near(session, stream.Id, head, last);
        IReadOnlyList<RecordedEvent> events = Collect(session, stream, from, last, after)
            ?? (IReadOnlyList<RecordedEvent>)CollectLarge(session, stream, from, last, after);
        return new Page(events, events[^1].Version.Value < head.Version, generation);
    }

    /// <summary>The version and position of a stream, and the times of its first and its last event.</summary>
    public StreamHead Head(SqliteSession session, StreamNumber stream, UnflushedView unflushed)
    {
        var head = index.HeadForReader(session, stream.Id, unflushed);
        var position = new LogPosition(index.Partition, new(head.Position));
        if (head.Position == 0) return new StreamHead(stream.Name, StreamVersion.Zero, position, null, null);
        var last = CheckedRow(session, stream, head);
        if (head.Version == 0) return new StreamHead(stream.Name, StreamVersion.Zero, position, null, null);
        var (created, first) = head.Version == 1
            ? (last, 1)
            : (FirstRow(session, stream, head), index.RemovedOf(session, stream.Id).First.Version);
        return new StreamHead(
            stream.Name, new(head.Version), position, LogRow.Instant(created.Timestamp),
            LogRow.Instant(last.Timestamp), new(Math.Max(1, first)));
    }

    private LogRow FirstRow(SqliteSession session, in StreamNumber stream, EventAddress head)
    {
        var first = index.WalkBack(session, stream.Id, head, from: 1, after: 0).First();
        return CheckedRow(session, stream, new EventAddress(1, first.Position));
    }

    // The head is checked against the event that it names.
    private LogRow CheckedRow(SqliteSession session, in StreamNumber stream, EventAddress address)
    {
        using var cursor = index.LogOf(session).Backward(address.Position);
        var row = RowAt(cursor, stream.Id, address);
        Check(session, cursor, row, stream, cursor.Content);
        return row;
    }

    // Where nothing is left of what was removed, no event of the log is removed without being a tombstone.
    private bool IsRemoved(SqliteSession session, in LogRow row, Dictionary<long, long> before)
    {
        if (row.Version == 0) return false;
        if (!before.TryGetValue(row.Stream, out var position))
            before[row.Stream] = position = index.RemovedOf(session, row.Stream).Before;
        return row.Position < position;
    }

    // Newest first, as each event leads to the one before it. Null where they are too large to be read at once.
    private RecordedEvent[]? Collect(
        SqliteSession session, StreamNumber stream, EventAddress from, long last, long after)
    {
        using var cursor = index.LogOf(session).Backward(from.Position);
        var events = new RecordedEvent[last - after];
        var bytes = 0L;
        for (var at = from; at.Version > after;)
        {
            var row = RowAt(cursor, stream.Id, at);
            if (at.Version <= last)
            {
                var recorded = Record(session, cursor, row, stream);
                events[at.Version - after - 1] = recorded;
                bytes += recorded.Payload.Length;
                if (bytes > PageBytesMax) return null;
            }

            if (row.Prev != at.Position - 1) cursor.Jump(row.Prev);
            at = new EventAddress(at.Version - 1, row.Prev);
        }

        return events;
    }

    // Their sizes first, without their content; then the oldest of them, as many as a page takes.
    private List<RecordedEvent> CollectLarge(
        SqliteSession session, StreamNumber stream, EventAddress from, long last, long after)
    {
        var log = index.LogOf(session);
        var found = new Stack<(EventAddress Address, long Size)>();
        for (var at = from; at.Version > after;)
        {
            var (prev, size) = log.SizeAt(stream.Id, at) ?? throw index.Misplaced(at);
            if (at.Version <= last) found.Push((at, size));
            at = new EventAddress(at.Version - 1, prev);
        }

        var events = new List<RecordedEvent>();
        var bytes = 0L;
        while (found.TryPop(out var next) && (events.Count == 0 || bytes + next.Size <= PageBytesMax))
        {
            using var cursor = log.Backward(next.Address.Position);
            events.Add(Record(session, cursor, RowAt(cursor, stream.Id, next.Address), stream));
            bytes += next.Size;
        }

        return events;
    }

    private LogRow RowAt(in LogCursor cursor, long stream, EventAddress expected)
    {
        if (!cursor.Step()) throw index.Missing(expected.Position);
        var row = cursor.Row;
        if (row.Position != expected.Position) throw index.Missing(expected.Position);
        if (row.Stream != stream || row.Version != expected.Version) throw index.Misplaced(expected);
        return row;
    }

    private RecordedEvent Record(SqliteSession session, in LogCursor cursor, in LogRow row, in StreamNumber stream) =>
        Record(session, cursor, row, stream, LogFilter.All, isRemoved: false, out _)!;

    // Each column is read once: each reading of one calls SQLite. What is filtered out is checked all the same.
    private RecordedEvent? Record(
        SqliteSession session, in LogCursor cursor, in LogRow row, in StreamNumber stream, LogFilter filter,
        bool isRemoved, out int size)
    {
        var content = cursor.Content;
        size = content.Metadata.Length + content.Payload.Length;
        var type = Check(session, cursor, row, stream, content);
        if (isRemoved)
        {
            type = Scrub.Tombstone.Type;
            content = default;
        }

        return !filter.Takes(stream.Name, type.Name) ? null : new RecordedEvent
        {
            Stream = stream.Name,
            Version = new(row.Version),
            Position = new(index.Partition, new(row.Position)),
            Id = row.Id,
            AppendId = new(row.AppendId),
            Type = type.Name,
            SchemaVersion = type.SchemaVersion,
            Timestamp = LogRow.Instant(row.Timestamp),
            ContentType = type.ContentType,
            Payload = content.Payload.ToArray(),
            Metadata = content.ReadMetadata(),
        };
    }

    private StoredType Check(
        SqliteSession session, in LogCursor cursor, in LogRow row, in StreamNumber stream, in LogContent content)
    {
        if (names.TypeOf(session, row.Type) is { } type
            && row.Checksum(stream.Hash, type.Hash, content.Metadata, content.Payload) == cursor.Checksum)
            return type.Type;
        throw Damaged(row.Position);
    }

    private StoreCorruptException Damaged(long position) => new(
        $"{path}: the event at position {position} of partition {index.Partition}, the name of its stream or its "
        + "type is damaged: they do not match its checksum. Restore the file from a backup.");
}
