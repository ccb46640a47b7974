namespace Granary.Storage.Sqlite;

/// <summary>
/// One truncation. The stream may have any length: its events are not touched. Which one is the first that stays is
/// what hides those before it.
/// </summary>
internal static class TruncateTransaction
{
    /// <summary>Runs in a transaction that has begun.</summary>
    /// <param name="session">A session in a write.</param>
    /// <param name="index">That of the stream's partition.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="first">The first event that stays.</param>
    /// <param name="snapshot">The state at that event, to be kept where the events before it are removed.</param>
    /// <returns>
    /// Whether the events before are removed then, and whether that changed anything: where they were removed before,
    /// it did not.
    /// </returns>
    public static (bool IsRemoved, bool HasChanged) Run(
        SqliteSession session, PartitionIndex index, StreamNumber stream, EventAddress first, Snapshot? snapshot)
    {
        var log = index.LogOf(session);
        index.ThrowIfShorter(log.LastPosition());
        var removed = index.RemovedOf(session, stream.Id);
        if (first.Position <= removed.Clearing || log.RowAt(first.Position) is not { } found
            || found.Stream != stream.Id || found.Version != first.Version) return (false, false);
        var begins = Math.Max(1, removed.First.Version);
        if (first.Version <= begins) return (true, false);

        // Those before an earlier truncation are scrubbed, or left by that one: they cost nothing here.
        session.Removals.SetFirst(stream.Id, first);
        session.Leftovers.Add(new Leftover(index.Partition, first.Position, found.Prev, begins));
        session.Streams.DropSnapshots(stream.Id, first.Version);
        if (snapshot is not null) session.Streams.SetSnapshot(stream.Id, snapshot);
        return (true, true);
    }
}
