using System.Runtime.ExceptionServices;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Makes tombstones of what was removed, a bounded number of events at a time. Until then readers take what is before
/// its stream's last clearing, or before the first event that a truncation kept, for tombstones.
/// </summary>
internal sealed class Scrub(IReadOnlyList<PartitionIndex> partitions, SqliteNames names)
{
    // Events may be a mebibyte each, and SQLite overwrites each of their pages: other writers wait meanwhile.
    private const int BytesMax = 4 * 1024 * 1024;

    /// <summary>The type of an event that was removed.</summary>
    public static HashedType Tombstone { get; } = HashedType.Of(new(EventTypes.Tombstone, 1, ContentTypes.Json));

    /// <summary>
    /// Scrubs at most so many events, in a transaction that has begun. A clearing or a truncation whose events do not
    /// fit together is passed over until nothing else is left.
    /// </summary>
    /// <returns>How many it has scrubbed, of how many bytes, and whether more are left.</returns>
    /// <exception cref="StoreCorruptException">Nothing but those is left. Nothing was changed.</exception>
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

    // From the last event that was removed back to the first. Nothing is scrubbed but events of that stream, from
    // before what hides them.
    private void WalkBack(SqliteSession session, Leftover one, long type, ref Budget budget, ref long rest)
    {
        if (rest <= 0)
            throw session.Corrupt($"it is unknown which events before position {one.Before} are left to be removed");
        var index = PartitionOf(session, one);
        var log = index.LogOf(session);
        var stream = StreamOf(session, log, one);
        var first = Math.Max(1, one.First);
        for (var before = one.Before; rest > 0 && !budget.IsSpent;)
        {
            var row = log.RowAt(rest) ?? throw index.Missing(rest);
            var address = new EventAddress(row.Version, rest);
            var isRemoved = row.Stream == stream.Id && row.Version >= first && rest < before;
            if (!isRemoved || row.Prev == 0 != (row.Version == 1)) throw index.Misplaced(address);
            var size = log.SizeAt(stream.Id, address)?.Size ?? 0;
            budget.Spend(size);
            var tombstone = row with { Type = type };

            // A stream that was truncated is cleared with its tombstones.
            if (row.Type != type || size > 0)
                log.Scrub(tombstone, tombstone.Checksum(stream.Hash, Tombstone.Hash, [], []));

            // Where the stream goes on, a retry of any of its appends is still looked for.
            if (one.First == 0 && EventMarks.IsMarked(row.Version)) session.Index.DropMark(stream.Id, address);
            (rest, before) = (row.Version > first ? row.Prev : 0, rest);
        }
    }

    // What hides the events is a clearing's marker, which has version 0, or the event that a truncation kept. That
    // truncation may have been followed by others, or by a clearing.
    private StreamNumber StreamOf(SqliteSession session, LogStatements log, Leftover one)
    {
        if (log.RowAt(one.Before) is not { } row
            || (one.First == 0 ? row.Version != 0 : row.Version <= one.First)
            || session.Removals.Of(row.Stream).Before < one.Before)
        {
            throw session.Corrupt(
                $"position {one.Before} of partition {one.Partition}, before which events are left to be removed, is "
                + "that of no clearing or truncation");
        }

        return names.StreamOf(session, row.Stream)
            ?? throw session.Corrupt($"the name of stream number {row.Stream} is missing");
    }

    private PartitionIndex PartitionOf(SqliteSession session, Leftover oldest) =>
        oldest.Partition.Value < partitions.Count
            ? partitions[oldest.Partition.Value]
            : throw session.Corrupt(
                $"events of partition {oldest.Partition}, which the store does not have, are left to be removed");

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
