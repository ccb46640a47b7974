using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Folds a grain's past state, from the nearest snapshot on. The grain's own state is not touched.
/// </summary>
internal sealed class StateReader(IEventStore store, ISnapshotStore snapshots, IJournal journal, ILogger logger)
{
    /// <summary>After so many events other turns of the grain may run.</summary>
    private const int EventsPerTurn = 256;

    public async Task<StateView> NowAsync(CancellationToken cancellationToken) =>
        Show(await FoldAsync(new(long.MaxValue), latest: null, cancellationToken));

    public async Task<StateView> AtVersionAsync(StreamVersion version, CancellationToken cancellationToken) =>
        Show(await FoldAtAsync(version, cancellationToken));

    public async Task<StateView> AtInstantAsync(DateTimeOffset instant, CancellationToken cancellationToken) =>
        Show(await FoldAtAsync(instant, cancellationToken));

    public async Task<PastState<object>> StateAtAsync(StreamVersion version, CancellationToken cancellationToken) =>
        Past(await FoldAtAsync(version, cancellationToken));

    public async Task<PastState<object>> StateAtAsync(DateTimeOffset instant, CancellationToken cancellationToken) =>
        Past(await FoldAtAsync(instant, cancellationToken));

    private static PastState<object> Past(Folded folded) => new(folded.State, folded.Version, folded.Timestamp);

    private StateView Show(Folded folded) =>
        new(journal.Stream, folded.Version, folded.Position, folded.Timestamp, StateJson.Of(folded.State));

    private async Task<Folded> FoldAtAsync(StreamVersion version, CancellationToken cancellationToken)
    {
        var head = await store.ReadHeadAsync(journal.Stream, cancellationToken);
        if (version > head.Version) throw NoSuchVersion(version, head.Version);
        if (version > StreamVersion.Zero && version < head.First)
            throw new StreamTruncatedException(journal.Stream, version, head.First);
        if (version == StreamVersion.Zero) return Initial();
        var folded = await FoldAsync(version, latest: null, cancellationToken);

        // The stream may have been cleared since the head was read.
        return folded.Version == version ? folded : throw NoSuchVersion(version, folded.Version);
    }

    private async Task<Folded> FoldAtAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        try
        {
            return await FoldAsync(new(long.MaxValue), instant, cancellationToken);
        }
        catch (Exception fault) when (fault is StreamTruncatedException or StateNotReadableException)
        {
            // What is removed has left its times: before the first event there was nothing.
            var head = await store.ReadHeadAsync(journal.Stream, cancellationToken);
            if (head.Created > instant) return Initial();
            var page = await store.ReadStreamForwardAsync(
                journal.Stream, new(Math.Max(1, head.First.Value) - 1), 1, cancellationToken);
            if (page.Events is [var first] && first.Timestamp > instant)
                throw new StreamTruncatedException(journal.Stream, new(first.Version.Value - 1), first.Version);
            throw;
        }
    }

    private Folded Initial() => new(
        journal.CreateState(), StreamVersion.Zero, LogPosition.StartOf(store.PartitionOf(journal.Stream)), null);

    private ArgumentOutOfRangeException NoSuchVersion(StreamVersion version, StreamVersion last) =>
        new(nameof(version), $"Stream {journal.Stream} has no version {version}; it is at version {last}.");

    private async Task<Folded> FoldAsync(
        StreamVersion last, DateTimeOffset? latest, CancellationToken cancellationToken)
    {
        if (await FoldFromSnapshotAsync(last, latest, isNeeded: false, cancellationToken) is { } folded) return folded;
        try
        {
            return (await FoldAfterAsync(null, journal.CreateState(), last, latest, cancellationToken))!;
        }
        catch (StreamTruncatedException truncated)
        {
            // It may have been truncated after its snapshots were read, or the store may have failed then.
            return await FoldFromSnapshotAsync(last, latest, isNeeded: true, cancellationToken)
                ?? await FoldFromOldAsync(truncated.First, last, latest, cancellationToken)
                ?? throw new StateNotReadableException(journal.Stream, truncated.First);
        }
    }

    private async Task<Folded?> FoldFromSnapshotAsync(
        StreamVersion last, DateTimeOffset? latest, bool isNeeded, CancellationToken cancellationToken)
    {
        var reader = new SnapshotReader(snapshots, logger, isNeeded);
        var notReplayed = default(ReplayFailedException);
        await foreach (var snapshot in reader.ReadNewestFirstAsync(
            journal.Stream, last, latest, cancellationToken))
        {
            if (journal.DecodeSnapshot(snapshot) is not { } state) continue;
            try
            {
                if (await FoldAfterAsync(snapshot, state, last, latest, cancellationToken) is { } view) return view;
            }
            catch (ReplayFailedException fault)
            {
                // The state in the snapshot may be at fault; if it is the event, the fold from the start fails as well.
                logger.SnapshotNotRead(fault, journal.Stream, snapshot.Version.Value);
                notReplayed = fault;
            }
            catch (StreamTruncatedException)
            {
                // It is of an event that was removed since.
            }
        }

        if (isNeeded && notReplayed is not null) ExceptionDispatchInfo.Throw(notReplayed);
        return null;
    }

    // From the snapshot that took the place of what was removed, where other code wrote it and that is accepted.
    private async Task<Folded?> FoldFromOldAsync(
        StreamVersion first, StreamVersion last, DateTimeOffset? latest, CancellationToken cancellationToken)
    {
        if (!journal.AcceptsOldSnapshots || first > last) return null;
        var snapshot = await snapshots.ReadSnapshotAsync(journal.Stream, first, latest, cancellationToken);
        return snapshot?.Version == first && journal.DecodeSnapshot(snapshot, ofOtherCode: true) is { } state
            ? await FoldAfterAsync(snapshot, state, last, latest, cancellationToken)
            : null;
    }

    // Null where another event is at the snapshot's version, or none: the stream was cleared since.
    private async Task<Folded?> FoldAfterAsync(
        Snapshot? snapshot, object state, StreamVersion last, DateTimeOffset? latest,
        CancellationToken cancellationToken)
    {
        var from = snapshot is null ? StreamVersion.Zero : new StreamVersion(snapshot.Version.Value - 1);
        var (version, position) = (StreamVersion.Zero, LogPosition.StartOf(store.PartitionOf(journal.Stream)));
        var timestamp = default(DateTimeOffset?);
        var folded = 0;
        await foreach (var recorded in store.ReadStreamAsync(journal.Stream, from, cancellationToken))
        {
            if (recorded.Version > last || recorded.Timestamp > latest) break;
            if (snapshot is not null && recorded.Version == snapshot.Version)
            {
                if (recorded.Position != snapshot.Position) return null;
            }
            else
            {
                journal.Fold(state, recorded);
                if (++folded % EventsPerTurn == 0) await Task.Yield();
            }

            (version, position, timestamp) = (recorded.Version, recorded.Position, recorded.Timestamp);
        }

        if (snapshot is not null && version < snapshot.Version) return null;
        return new Folded(state, version, position, timestamp);
    }

    private sealed record Folded(object State, StreamVersion Version, LogPosition Position, DateTimeOffset? Timestamp);
}
