namespace Granary.Storage.Sqlite;

/// <summary>
/// Where the events of a partition's streams stand: the index in the file and the tail in memory together, brought up
/// to the log's end whenever somebody looks. Each event leads to its stream's previous one, so that an end to begin
/// from is all that has to be known.
/// </summary>
internal sealed class PartitionIndex(LogPartition partition, string path)
{
    private const int CatchUpRows = 10_000;
    private const int WalkRows = 256;

    private readonly Lock _catchingUp = new();

    public LogPartition Partition => partition;

    public StreamTail Tail { get; } = new();

    public LogStatements LogOf(SqliteSession session) => session.Logs[partition.Value];

    /// <summary>
    /// Accounts for everything that the session sees of the log, also what other processes appended; the last position
    /// of that.
    /// </summary>
    public long CatchUp(SqliteSession session)
    {
        var log = LogOf(session);
        var last = log.LastPosition();
        if (Tail.Through >= last) return last;
        lock (_catchingUp)
        {
            if (Tail.Through < 0) Tail.StartAt(session.Index.Indexed(partition));
            for (var before = Tail.Through; before < last; before = Tail.Through)
            {
                log.VisitPlaces(before, CatchUpRows, Tail.Add);
                if (Tail.Through == before) throw Missing(before + 1);
            }
        }

        return last;
    }

    /// <summary>Forgets everything, so that the next look starts from what the file says.</summary>
    public void Reset()
    {
        lock (_catchingUp) Tail.StartAt(-1);
    }

    /// <summary>Where a stream ends, for the writer: it has caught up, and nobody else writes.</summary>
    public Place HeadForWriter(SqliteSession session, long stream) =>
        Tail.View(stream).Head ?? session.Index.Head(stream) ?? default;

    /// <summary>Where a stream ends as the session sees it.</summary>
    /// <param name="session">A session in a read.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="before">What the tail held before the read began: nothing of it is too new for the read.</param>
    public Place HeadForReader(SqliteSession session, long stream, TailView before)
    {
        var last = CatchUp(session);
        var head = before.Head ?? session.Index.Head(stream) ?? default;
        if (before.Through >= last) return head;

        // What came since is in the tail by now, unless it is too new for this read, or has just been written out.
        if (Tail.View(stream).Head is { } newer && newer.Position <= last) return Later(head, newer);
        var from = before.Through >= 0 ? before.Through : session.Index.Indexed(partition);
        LogOf(session).VisitPlaces(from, int.MaxValue, (of, place) =>
        {
            if (of == stream) head = Later(head, place);
        });
        return head;
    }

    /// <summary>
    /// A known place of the stream from which to walk back to a version: within a mark's distance behind it.
    /// </summary>
    public Place Near(SqliteSession session, long stream, Place head, long version)
    {
        var marked = IndexStatements.MarkedAtLeast(version);
        if (marked >= head.Version) return head;
        var cleared = session.Names.Cleared(stream);
        var position = Tail.Mark(stream, marked);
        if (!IsNow(position)) position = session.Index.Mark(stream, marked);

        // The end is right as well, and only further away.
        return IsNow(position) ? new Place(marked, position!.Value) : head;

        // A mark of a life that was cleared is none, nor is one that is too new for a read.
        bool IsNow(long? at) => at > cleared && at < head.Position;
    }

    /// <summary>The events of a stream from a version back to the one behind <paramref name="after"/>.</summary>
    public IEnumerable<LogRow> WalkBack(SqliteSession session, long stream, Place head, long from, long after)
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
        $"{path}: position {position} of partition {partition} is missing. Restore it from a backup.");

    public StoreCorruptException Misplaced(Place place) => new(
        $"{path}: version {place.Version} of a stream is expected at position {place.Position} of partition "
        + $"{partition}, where another event stands. Restore it from a backup.");

    private Place Walk(
        SqliteSession session, long stream, Place at, long from, long after, List<LogRow> into)
    {
        using var cursor = LogOf(session).Backward(at.Position);
        while (at.Version > after && into.Count < WalkRows)
        {
            if (!cursor.Step() || cursor.Position != at.Position) throw Missing(at.Position);
            if (cursor.Stream != stream || cursor.Version != at.Version) throw Misplaced(at);
            if (at.Version <= from) into.Add(cursor.Row);
            var prev = cursor.Prev;
            if (prev != at.Position - 1) cursor.Jump(prev);
            at = new Place(at.Version - 1, prev);
        }

        return at;
    }

    private static Place Later(Place one, Place other) => other.Position > one.Position ? other : one;
}
