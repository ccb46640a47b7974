namespace Granary.Runtime;

/// <summary>Folds what a grain's state was in the past, beside its own state, from the nearest snapshot on.</summary>
internal sealed class StateReader(IEventStore store, ISnapshotStore snapshots, IJournal journal)
{
    /// <summary>After so many events other turns of the grain get their chance.</summary>
    private const int EventsPerTurn = 256;

    public async Task<StateView> AtVersionAsync(StreamVersion version) => Show(await FoldAtAsync(version));

    public async Task<StateView> AtInstantAsync(DateTimeOffset instant) =>
        Show(await FoldAsync(new(long.MaxValue), instant));

    public async Task<PastState<object>> StateAtAsync(StreamVersion version) => Past(await FoldAtAsync(version));

    public async Task<PastState<object>> StateAtAsync(DateTimeOffset instant) =>
        Past(await FoldAsync(new(long.MaxValue), instant));

    private static PastState<object> Past(Folded folded) => new(folded.State, folded.Version, folded.Timestamp);

    private StateView Show(Folded folded) =>
        new(journal.Stream, folded.Version, folded.Position, folded.Timestamp, StateJson.Of(folded.State));

    private async Task<Folded> FoldAtAsync(StreamVersion version)
    {
        var head = await store.ReadHeadAsync(journal.Stream, CancellationToken.None);
        if (version > head.Version) throw NoSuchVersion(version, head.Version);
        var folded = await FoldAsync(version, latest: null);

        // The stream may have been cleared since the head was read.
        return folded.Version == version ? folded : throw NoSuchVersion(version, folded.Version);
    }

    private ArgumentOutOfRangeException NoSuchVersion(StreamVersion version, StreamVersion last) =>
        new(nameof(version), $"Stream {journal.Stream} has no version {version}; it is at version {last}.");

    private async Task<Folded> FoldAsync(StreamVersion last, DateTimeOffset? latest)
    {
        var snapshot = last == StreamVersion.Zero
            ? null
            : await snapshots.ReadSnapshotAsync(journal.Stream, last, latest, CancellationToken.None);
        if (snapshot is not null && journal.DecodeSnapshot(snapshot) is { } state)
        {
            if (await FoldAfterAsync(snapshot, state, last, latest) is { } view) return view;
        }

        return (await FoldAfterAsync(null, journal.CreateState(), last, latest))!;
    }

    // Null where the snapshot is of a life that was cleared: another event stands at its version, or none.
    private async Task<Folded?> FoldAfterAsync(
        Snapshot? snapshot, object state, StreamVersion last, DateTimeOffset? latest)
    {
        var from = snapshot is null ? StreamVersion.Zero : new StreamVersion(snapshot.Version.Value - 1);
        var (version, position) = (StreamVersion.Zero, default(LogPosition));
        var timestamp = default(DateTimeOffset?);
        var folded = 0;
        await foreach (var recorded in store.ReadStreamAsync(journal.Stream, from, CancellationToken.None))
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
