namespace Granary.Storage.Sqlite;

/// <summary>
/// The addresses of the events of a partition's streams: the index in the file together with what is not flushed,
/// brought up to the log's end whenever it is used. Each event leads to its stream's previous one, so that only the
/// last one has to be known.
/// </summary>
internal sealed class PartitionIndex(LogPartition partition, string path)
{
    private const int CatchUpRows = 10_000;
    private const int WalkRows = 256;

    private readonly Lock _catchingUp = new();

    /// <summary>Is raised when events of other processes were found; with whether a clearing is among them.</summary>
    public event Action<PartitionIndex, bool>? CaughtUp;

    public LogPartition Partition => partition;

    public UnflushedIndex Unflushed { get; } = new();

    public LogStatements LogOf(SqliteSession session) => session.Logs[partition.Value];

    /// <summary>
    /// Whether other processes appended so much that catching up takes longer than a write transaction should.
    /// </summary>
    public bool LagsFarBehind(SqliteSession session) =>
        LogOf(session).LastPosition() - Unflushed.Through > CatchUpRows;

    /// <summary>
    /// Accounts for everything that the session can read of the log, including what other processes appended.
    /// </summary>
    /// <returns>The last position that the session can read.</returns>
    public long CatchUp(SqliteSession session)
    {
        var log = LogOf(session);
        var last = log.LastPosition();
        if (Unflushed.Through >= last) return last;
        var hasCleared = false;
        lock (_catchingUp)
        {
            if (Unflushed.Through < 0) Start(session, last);
            for (var before = Unflushed.Through; before < last; before = Unflushed.Through)
            {
                log.VisitAddresses(before, CatchUpRows, Add);
                if (Unflushed.Through == before) throw Missing(before + 1);
            }
        }

        CaughtUp?.Invoke(this, hasCleared);
        return last;

        void Add(long stream, EventAddress address)
        {
            // The marker of a clearing has this version.
            hasCleared |= address.Version == 0;
            Unflushed.Add(stream, address);
        }
    }

    /// <summary>Fails where the log ends before a position that it was seen to have.</summary>
    public void ThrowIfShorter(long last)
    {
        if (Unflushed.Through > last)
            throw new StoreCorruptException(
                $"{path}: partition {partition} ends at position {last}, but position {Unflushed.Through} was seen. "
                + "Stop this process, and restore the file from a backup if its end is not found again.");
    }

    /// <summary>The last event of a stream, for the writer: it has caught up, and nothing else writes.</summary>
    public EventAddress HeadForWriter(SqliteSession session, long stream) =>
        Unflushed.View(stream).Head ?? session.Index.Head(stream) ?? throw NoHead(stream);

    /// <summary>The last event of a stream in the session's read.</summary>
    /// <param name="session">A session in a read.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="before">What was not flushed before the read began: the read contains all of it.</param>
    public EventAddress HeadForReader(SqliteSession session, long stream, UnflushedView before)
    {
        var last = CatchUp(session);
        var head = before.Head ?? session.Index.Head(stream);
        if (before.Through < last) head = Latest(head, FindHeadAfter(session, stream, before.Through, last));
        return head ?? throw NoHead(stream);
    }

    /// <summary>
    /// The address of an event of the stream from which to walk back to a version: at most the distance of a mark after
    /// it.
    /// </summary>
    public EventAddress Near(SqliteSession session, long stream, EventAddress head, long version)
    {
        var marked = EventMarks.AtLeast(version);
        if (marked >= head.Version) return head;
        var cleared = session.Removals.LastClearing(stream);
        var position = Unflushed.Mark(stream, marked);
        if (!IsCurrent(position)) position = session.Index.Mark(stream, marked);

        // The head leads there as well, only from further away.
        return IsCurrent(position) ? new EventAddress(marked, position!.Value) : head;

        // A mark from before the last clearing is none, nor is one that is too new for a read.
        bool IsCurrent(long? at) => at > cleared && at < head.Position;
    }

    /// <summary>What of a stream is removed. Where it was truncated, the event that stays has to be there.</summary>
    public RemovedPart RemovedOf(SqliteSession session, long stream)
    {
        var removed = session.Removals.Of(stream);
        if (!removed.IsTruncated) return removed;
        var first = removed.First;
        return LogOf(session).RowAt(first.Position) is { } row && row.Stream == stream && row.Version == first.Version
            && first.Version > 1 && first.Position > removed.Clearing
            ? removed
            : throw Misplaced(first);
    }

    /// <summary>The events of a stream from a version back to the one after <paramref name="after"/>.</summary>
    public IEnumerable<LogRow> WalkBack(SqliteSession session, long stream, EventAddress head, long from, long after)
    {
        var at = Near(session, stream, head, from);
        var rows = new List<LogRow>((int)Math.Min(WalkRows, from - after));
        while (at.Version > after)
        {
            rows.Clear();
            at = Walk(session, stream, at, from, after, rows);
            foreach (var row in rows) yield return row;
        }
    }

    public StoreCorruptException Missing(long position) => new(
        $"{path}: position {position} of partition {partition} is missing. Restore the file from a backup.");

    public StoreCorruptException Misplaced(EventAddress address) => new(
        $"{path}: version {address.Version} of a stream is expected at position {address.Position} of partition "
        + $"{partition}, but another event is there. Restore the file from a backup.");

    private void Start(SqliteSession session, long last)
    {
        var indexed = session.Index.Indexed(partition);
        if (indexed > last) throw Missing(indexed);
        Unflushed.StartAt(indexed);
    }

    // What came since is known by now, unless it is too new for this read, or has just been flushed.
    private EventAddress? FindHeadAfter(SqliteSession session, long stream, long after, long last)
    {
        if (Unflushed.View(stream).Head is { } newer && newer.Position <= last) return newer;
        EventAddress? head = null;
        var from = after >= 0 ? after : session.Index.Indexed(partition);
        LogOf(session).VisitAddresses(from, int.MaxValue, (of, address) =>
        {
            if (of == stream) head = address;
        });
        return head;
    }

    private EventAddress Walk(
        SqliteSession session, long stream, EventAddress at, long from, long after, List<LogRow> into)
    {
        using var cursor = LogOf(session).Backward(at.Position);
        while (at.Version > after && into.Count < WalkRows)
        {
            if (!cursor.Step() || cursor.Position != at.Position) throw Missing(at.Position);
            if (cursor.Stream != stream || cursor.Version != at.Version) throw Misplaced(at);
            if (at.Version <= from) into.Add(cursor.Row);
            var prev = cursor.Prev;
            if (prev != at.Position - 1) cursor.Jump(prev);
            at = new EventAddress(at.Version - 1, prev);
        }

        return at;
    }

    // Every stream has a head, also one without events: where none is found, it is lost and not absent.
    private StoreCorruptException NoHead(long stream) => new(
        $"{path}: stream number {stream} of partition {partition} has no head. Restore the file from a backup.");

    private static EventAddress? Latest(EventAddress? one, EventAddress? other) =>
        one is null || other?.Position > one.Value.Position ? other : one;
}
