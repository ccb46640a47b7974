using System.Runtime.ExceptionServices;

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

    /// <summary>
    /// Scrubs at most so many events, in a transaction that has begun. A clearing whose events do not fit together is
    /// passed over until nothing else is left.
    /// </summary>
    /// <returns>How many it has scrubbed, of how many bytes, and whether more are left.</returns>
    /// <exception cref="StoreCorruptException">Nothing but such clearings is left. Nothing was changed.</exception>
    public (int Events, long Bytes, bool More) Run(SqliteSession session, int eventsMax)
    {
        var budget = new Budget(eventsMax, BytesMax);
        var type = session.Streams.FindOrAddType(Tombstone.Type);
        var (last, damage) = ((Leftover?)null, (StoreCorruptException?)null);
        while (session.Leftovers.Next(last) is { } one)
        {
            if (budget.IsSpent) return (eventsMax - budget.Events, BytesMax - budget.Bytes, true);
            var rest = one.Rest;
            try
            {
                WalkBack(session, one, type, ref budget, ref rest);
            }
            catch (StoreCorruptException fault)
            {
                damage ??= fault;
                last = one;
            }

            if (rest != one.Rest) session.Leftovers.SetRest(one, rest);
        }

        if (damage is not null && budget.Events == eventsMax) ExceptionDispatchInfo.Throw(damage);
        return (eventsMax - budget.Events, BytesMax - budget.Bytes, false);
    }

    // From the last event of a generation back to its first, which has none before it. Nothing is scrubbed but events
    // of the stream of the marker, from before the marker.
    private void WalkBack(SqliteSession session, Leftover one, long type, ref Budget budget, ref long rest)
    {
        if (rest <= 0)
            throw session.Corrupt($"it is unknown which events the clearing at position {one.Marker} has left");
        var index = PartitionOf(session, one);
        var log = index.LogOf(session);
        if (log.RowAt(one.Marker) is not { Version: 0 } marker)
            throw index.Misplaced(new EventAddress(0, one.Marker));
        var stream = names.StreamOf(session, marker.Stream)
            ?? throw session.Corrupt($"the name of stream number {marker.Stream} is missing");

        for (var before = marker.Position; rest > 0 && !budget.IsSpent;)
        {
            var row = log.RowAt(rest) ?? throw index.Missing(rest);
            var address = new EventAddress(row.Version, rest);
            var isCleared = row.Stream == stream.Id && row.Version > 0 && rest < before;
            if (!isCleared || row.Prev == 0 != (row.Version == 1)) throw index.Misplaced(address);
            budget.Spend(log.SizeAt(stream.Id, address)?.Size ?? 0);
            var tombstone = row with { Type = type };
            log.Scrub(tombstone, tombstone.Checksum(stream.Hash, Tombstone.Hash, [], []));
            if (EventMarks.IsMarked(row.Version)) session.Index.DropMark(stream.Id, address);
            (rest, before) = (row.Prev, rest);
        }
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
