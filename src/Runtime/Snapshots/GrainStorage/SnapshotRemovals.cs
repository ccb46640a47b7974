using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Removes the snapshots of events that are about to be cleared or truncated, before they are: a process that is killed
/// between the two loses shortcuts, and leaves nothing of what was removed. A snapshot that is written meanwhile finds
/// the record changed.
/// </summary>
/// <param name="events">The event store.</param>
/// <param name="records">The records of snapshots.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives what could not be ended.</param>
internal sealed class SnapshotRemovals(
    IEventStore events, SnapshotRecords records, TimeProvider time, ILogger logger)
{
    // A commit is bounded to a part of that. Until then the removal of a killed process keeps snapshots away.
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(10);

    /// <summary>Removes all snapshots of a stream.</summary>
    /// <param name="id">Which removal it is: a retry has the same.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StoreUnavailableException">The storage cannot be reached now.</exception>
    public ValueTask<RemovedSnapshots> BeginClearingAsync(
        Guid id, StreamName stream, CancellationToken cancellationToken) =>
        BeginAsync(id, stream, long.MaxValue, static _ => true, cancellationToken);

    /// <summary>Removes the snapshots of versions before the one that a stream is truncated before.</summary>
    /// <param name="truncation">The truncation.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StoreUnavailableException">The storage cannot be reached now.</exception>
    public ValueTask<RemovedSnapshots> BeginTruncationAsync(
        Truncation truncation, CancellationToken cancellationToken) =>
        BeginAsync(
            Uuid7.New(time), truncation.Stream, truncation.Position.Position.Value,
            one => one.Version < truncation.Before.Value, cancellationToken);

    /// <summary>Ends a removal, and puts back what the events are still there of.</summary>
    /// <param name="removed">What was removed.</param>
    /// <param name="outcome">What the event store has done.</param>
    /// <param name="clearedAt">The position of the clearing; 0 where it is not known, or there was none.</param>
    public async Task EndAsync(RemovedSnapshots removed, RemovalOutcome outcome, long clearedAt = 0)
    {
        try
        {
            await records.UpdateAsync(
                removed.Stream,
                async (record, token) =>
                {
                    record.Removals.RemoveAll(one => one.Id == removed.Id);
                    if (clearedAt >= record.ClearedBefore && clearedAt > 0) record.ClearedBefore = clearedAt + 1;
                    if (outcome != RemovalOutcome.Done) await PutBackAsync(record, removed, outcome, token);
                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception fault)
        {
            logger.RemovalNotEnded(fault, removed.Stream);
        }
    }

    private async ValueTask<RemovedSnapshots> BeginAsync(
        Guid id, StreamName stream, long before, Predicate<StoredSnapshot> goes, CancellationToken cancellationToken)
    {
        var (snapshots, removed) = (new List<StoredSnapshot>(), new List<StoredSnapshot>());
        await records.UpdateAsync(
            stream,
            (record, _) =>
            {
                var now = time.GetUtcNow();
                record.Removals.RemoveAll(one => one.Id == id || one.IsOver(now));
                if (record.Removals.Count >= SnapshotRecord.RemovalsMax)
                    throw new StoreUnavailableException(
                        $"Stream {stream} is being cleared {SnapshotRecord.RemovalsMax} times at once. Try again.");
                record.Removals.Add(
                    new() { Id = id, Before = before, UntilUtcTicks = (now + Duration).UtcTicks });
                removed = record.Snapshots.FindAll(goes);
                record.Snapshots.RemoveAll(goes);
                snapshots = record.Snapshots;
                return ValueTask.FromResult(true);
            },
            cancellationToken);
        return new(stream, id, removed, snapshots);
    }

    // Another clearing may have come meanwhile, and may have ended: what it removed is not put back.
    private async ValueTask PutBackAsync(
        SnapshotRecord record, RemovedSnapshots removed, RemovalOutcome outcome, CancellationToken cancellationToken)
    {
        if (removed.Snapshots.Count == 0) return;
        var bounds = await StreamBounds.ReadAsync(events, removed.Stream, cancellationToken);
        foreach (var one in removed.Snapshots)
        {
            // One that was of no event is of no use to a reader. It stays where nothing was removed.
            var stays = bounds.Allow(one, record.ClearedBefore)
                || (one.EventId is null && outcome == RemovalOutcome.NothingDone);
            if (stays && record.Find(one.Version) is null && !record.IsBeingRemoved(one.Position, time.GetUtcNow()))
                record.Add(one);
        }
    }
}

/// <summary>The snapshots that a removal has taken out of a record.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Id">Which removal it is.</param>
/// <param name="Snapshots">What it has removed.</param>
/// <param name="Rest">What it has left.</param>
internal sealed record RemovedSnapshots(
    StreamName Stream, Guid Id, List<StoredSnapshot> Snapshots, List<StoredSnapshot> Rest);

/// <summary>What the event store has done of a removal.</summary>
internal enum RemovalOutcome
{
    /// <summary>It is not known, or may have been nothing.</summary>
    Unknown,

    /// <summary>It has removed events.</summary>
    Done,

    /// <summary>It has not.</summary>
    NothingDone,
}
