namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="ISnapshotStore"/>: in memory, gone with the process.</summary>
public sealed class MemorySnapshotStore : ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamName, Snapshot[]> _snapshots = [];

    // The first position whose event was neither cleared nor truncated, where some were; and the version of that event,
    // where the stream was truncated before it.
    private readonly Dictionary<StreamName, (StreamVersion Version, GlobalPosition Position)> _first = [];

    /// <inheritdoc />
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var first = _first.GetValueOrDefault(snapshot.Stream);
            if (snapshot.Position.Position < first.Position) return ValueTask.CompletedTask;
            bool IsBase(Snapshot one) => first.Version > StreamVersion.Zero && one.Version == first.Version;
            var kept = _snapshots.GetValueOrDefault(snapshot.Stream, []);
            if (IsBase(snapshot) && kept.Any(IsBase)) return ValueTask.CompletedTask;
            var all = kept.Where(one => one.Version != snapshot.Version).Append(snapshot)
                .OrderBy(static one => one.Version.Value).ToList();
            _snapshots[snapshot.Stream] =
            [
                .. all.SkipLast(ISnapshotStore.KeptMax).Where(IsBase),
                .. all.TakeLast(ISnapshotStore.KeptMax),
            ];
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return ValueTask.FromResult(_snapshots.GetValueOrDefault(stream)?.LastOrDefault(one =>
                one.Version <= atMost && (notAfter is null || one.Timestamp <= notAfter)));
        }
    }

    /// <summary>Drops a stream's snapshots, and from now on those of events up to a position.</summary>
    internal void Clear(StreamName stream, LogPosition position)
    {
        lock (_lock)
        {
            _snapshots.Remove(stream);
            _first[stream] = (StreamVersion.Zero, position.Position.Plus(1));
        }
    }

    /// <summary>Drops a stream's snapshots of versions before one, and from now on those that come late.</summary>
    internal void Truncate(StreamName stream, StreamVersion before, LogPosition position, Snapshot? first)
    {
        lock (_lock)
        {
            var kept = _snapshots.GetValueOrDefault(stream, []).Where(one => one.Version >= before);
            _snapshots[stream] = first is null
                ? [.. kept]
                : [first, .. kept.Where(one => one.Version != before)];
            _first[stream] = (before, position.Position);
        }
    }
}
