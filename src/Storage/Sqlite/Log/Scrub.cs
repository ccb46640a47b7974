namespace Granary.Storage.Sqlite;

/// <summary>
/// Makes tombstones of what was cleared, a bounded number of events at a time. Until then readers take what is before
/// its stream's last clearing for tombstones.
/// </summary>
internal sealed class Scrub(IReadOnlyList<PartitionIndex> partitions, SqliteNames names)
{
    // Events may be a mebibyte each, and SQLite overwrites each of their pages: other writers wait meanwhile.
    private const int BytesMax = 4 * 1024 * 1024;

    /// <summary>The type of an event that was cleared.</summary>
    public static HashedType Tombstone { get; } = HashedType.Of(new(EventTypes.Tombstone, 1, ContentTypes.Json));

    /// <summary>Scrubs at most so many events, in a transaction that has begun.</summary>
    /// <returns>How many it has scrubbed, of how many bytes, and whether more are left.</returns>
    public (int Events, long Bytes, bool More) Run(SqliteSession session, int eventsMax)
    {
        var budget = new Budget(eventsMax, BytesMax);
        var type = session.Streams.FindOrAddType(Tombstone.Type);
        while (session.Leftovers.First() is { } oldest)
        {
            if (budget.IsSpent) return (eventsMax - budget.Events, BytesMax - budget.Bytes, true);
            session.Leftovers.SetRest(oldest, WalkBack(session, oldest, type, ref budget));
        }

        return (eventsMax - budget.Events, BytesMax - budget.Bytes, false);
    }

    // From the last event of a generation back to its first, which has none before it. Nothing is scrubbed but events
    // of the stream of the marker, from before the marker.
    private long WalkBack(SqliteSession session, Leftover oldest, long type, ref Budget budget)
    {
        var index = PartitionOf(session, oldest);
        var log = index.LogOf(session);
        if (log.RowAt(oldest.Marker) is not { Version: 0 } marker)
            throw index.Misplaced(new EventAddress(0, oldest.Marker));
        var stream = names.StreamOf(session, marker.Stream)
            ?? throw session.Corrupt($"the name of stream number {marker.Stream} is missing");

        var (position, before) = (oldest.Rest, marker.Position);
        while (position > 0 && !budget.IsSpent)
        {
            var row = log.RowAt(position) ?? throw index.Missing(position);
            var address = new EventAddress(row.Version, position);
            var isCleared = row.Stream == stream.Id && row.Version > 0 && position < before;
            if (!isCleared || row.Prev == 0 != (row.Version == 1)) throw index.Misplaced(address);
            budget.Spend(log.SizeAt(stream.Id, address)?.Size ?? 0);
            var tombstone = row with { Type = type };
            log.Scrub(tombstone, tombstone.Checksum(stream.Hash, Tombstone.Hash, [], []));
            if (EventMarks.IsMarked(row.Version)) session.Index.DropMark(stream.Id, address);
            (position, before) = (row.Prev, position);
        }

        return position;
    }

    private PartitionIndex PartitionOf(SqliteSession session, Leftover oldest) =>
        oldest.Partition.Value < partitions.Count
            ? partitions[oldest.Partition.Value]
            : throw session.Corrupt($"a clearing is of partition {oldest.Partition}, which the store does not have");

    // What is left to spend. The first event is scrubbed however large it is.
    private struct Budget(int events, long bytes)
    {
        public int Events { get; private set; } = events;

        public long Bytes { get; private set; } = bytes;

        public readonly bool IsSpent => Events <= 0 || Bytes <= 0;

        public void Spend(long bytes)
        {
            Events--;
            Bytes -= bytes;
        }
    }
}
