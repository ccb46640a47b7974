using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>
/// An event store whose snapshots are in a grain storage: they go before the events that they are of. Everything else
/// goes to the store that it wraps.
/// </summary>
/// <param name="inner">The store.</param>
/// <param name="removals">Removes the snapshots.</param>
internal class SnapshotRemovingEventStore(IEventStore inner, SnapshotRemovals removals) : IEventStore
{
    // So many records of a batch are changed at once.
    private const int ParallelMax = 16;

    /// <inheritdoc />
    public int PartitionCount => inner.PartitionCount;

    /// <inheritdoc />
    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        inner.InitializeAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        for (var at = 0; at < batch.Appends.Count; at++)
        {
            if (batch.Appends[at].ClearsStream) return CommitClearingsAsync(batch, cancellationToken);
        }

        return inner.CommitAsync(batch, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        inner.ReadHeadAsync(stream, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        inner.ReadStreamAsync(stream, after, cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(after, filter, limit, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        truncation.ThrowIfWrong(PartitionCount);
        var (stream, before) = (truncation.Stream, truncation.Before);
        var head = await inner.ReadHeadAsync(stream, cancellationToken);
        var stays = await StreamBounds.FindAsync(inner, stream, before.Value, cancellationToken);
        if (before <= head.First || stays?.Position != truncation.Position)
            return await inner.TruncateAsync(truncation, cancellationToken);

        var removed = await removals.BeginTruncationAsync(truncation, cancellationToken);
        var outcome = RemovalOutcome.Unknown;
        try
        {
            // The snapshot of that version is no shortcut any more: the event store keeps it.
            var kept = removed.Rest.Find(one => one.Version == before.Value && one.EventId == stays.Id);
            var isDone = await inner.TruncateAsync(
                truncation.Snapshot is not null || kept is null
                    ? truncation
                    : truncation with { Snapshot = kept.ToSnapshot(stream, truncation.Position.Partition) },
                cancellationToken);
            outcome = isDone ? RemovalOutcome.Done : RemovalOutcome.NothingDone;
            return isDone;
        }
        finally
        {
            await removals.EndAsync(removed, outcome);
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        inner.ScrubAsync(eventsMax, cancellationToken);

    private async ValueTask CommitClearingsAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var removed = new ConcurrentBag<RemovedSnapshots>();
        var failed = new ConcurrentDictionary<StreamName, StoreUnavailableException>();
        try
        {
            await Parallel.ForEachAsync(
                batch.Appends.Where(static one => one.ClearsStream).DistinctBy(static one => one.Stream),
                new ParallelOptions { MaxDegreeOfParallelism = ParallelMax, CancellationToken = cancellationToken },
                async (clearing, token) =>
                {
                    try
                    {
                        removed.Add(await removals.BeginClearingAsync(clearing.Id.Value, clearing.Stream, token));
                    }
                    catch (StoreUnavailableException fault)
                    {
                        failed[clearing.Stream] = fault;
                    }
                });
            if (failed.IsEmpty) await inner.CommitAsync(batch, cancellationToken);
            else await CommitRestAsync(batch, failed, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(removed.Select(one =>
            {
                var (outcome, clearedAt) = OutcomeOf(batch, one.Stream);
                return removals.EndAsync(one, outcome, clearedAt);
            }));
        }
    }

    // A grain storage that fails costs those their answer that clear, and no other stream of the batch.
    private async ValueTask CommitRestAsync(
        AppendBatch batch, ConcurrentDictionary<StreamName, StoreUnavailableException> failed,
        CancellationToken cancellationToken)
    {
        var places = Enumerable.Range(0, batch.Appends.Count)
            .Where(at => !failed.ContainsKey(batch.Appends[at].Stream)).ToArray();
        var rest = new AppendBatch(
            batch.Partition, batch.Timestamp, places.Select(at => batch.Appends[at]).ToArray())
        {
            Epoch = batch.Epoch,
        };
        try
        {
            if (places.Length > 0) await inner.CommitAsync(rest, cancellationToken);
        }
        finally
        {
            for (var at = 0; at < places.Length; at++) batch.SetResult(places[at], rest.Results[at]);
        }

        var (stream, fault) = failed.First();
        throw new StoreUnavailableException(
            $"Stream {stream} was not cleared, because its snapshots could not be removed before. {fault.Message}",
            fault);
    }

    // What the clearings of a stream have come to, and the position of the last one that is known.
    private static (RemovalOutcome Outcome, long ClearedAt) OutcomeOf(AppendBatch batch, StreamName stream)
    {
        var (outcome, clearedAt) = (RemovalOutcome.NothingDone, 0L);
        for (var at = 0; at < batch.Appends.Count; at++)
        {
            if (batch.Appends[at].Stream != stream || !batch.Appends[at].ClearsStream) continue;
            var result = batch.Results[at];
            if (result.Outcome is AppendOutcome.None or AppendOutcome.Appended) outcome = RemovalOutcome.Unknown;
            if (result.Outcome is AppendOutcome.Appended or AppendOutcome.AlreadyAppended)
                clearedAt = Math.Max(clearedAt, result.Position.Position.Value);
        }

        return (outcome, clearedAt);
    }
}

/// <summary>The same of a store whose partitions have epochs.</summary>
internal sealed class SnapshotRemovingEpochStore(
    IEventStore inner, IPartitionEpochs epochs, SnapshotRemovals removals)
    : SnapshotRemovingEventStore(inner, removals), IPartitionEpochs
{
    /// <inheritdoc />
    public ValueTask<long> ReadEpochAsync(LogPartition partition, CancellationToken cancellationToken) =>
        epochs.ReadEpochAsync(partition, cancellationToken);

    /// <inheritdoc />
    public ValueTask<long> BeginEpochAsync(LogPartition partition, CancellationToken cancellationToken) =>
        epochs.BeginEpochAsync(partition, cancellationToken);
}
