namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="ISnapshotStore"/>: in memory, gone with the process.</summary>
public sealed class MemorySnapshotStore : ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamName, Snapshot[]> _snapshots = [];

    // The first position whose event was neither cleared nor truncated, where some were.
    private readonly Dictionary<StreamName, GlobalPosition> _keptFrom = [];

    /// <inheritdoc />
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var keptFrom = _keptFrom.GetValueOrDefault(snapshot.Stream);
            if (snapshot.Position.Position < keptFrom) return ValueTask.CompletedTask;
            var all = _snapshots.GetValueOrDefault(snapshot.Stream, [])
                .Where(one => one.Version != snapshot.Version).Append(snapshot)
                .OrderBy(static one => one.Version.Value).ToList();
            _snapshots[snapshot.Stream] =
            [
                .. all.SkipLast(ISnapshotStore.KeptMax).Where(one => one.Position.Position == keptFrom),
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
            _keptFrom[stream] = position.Position.Plus(1);
        }
    }

    /// <summary>Drops a stream's snapshots of versions before one, and from now on those that come late.</summary>
    internal void Truncate(StreamName stream, StreamVersion before, LogPosition position)
    {
        lock (_lock)
        {
            if (_snapshots.TryGetValue(stream, out var kept))
                _snapshots[stream] = [.. kept.Where(one => one.Version >= before)];
            _keptFrom[stream] = position.Position;
        }
    }
}
