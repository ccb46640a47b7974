namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="ISnapshotStore"/>: in memory, gone with the process.</summary>
public sealed class MemorySnapshotStore : ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamName, Snapshot[]> _snapshots = [];
    private readonly Dictionary<StreamName, LogPosition> _removed = [];

    /// <inheritdoc />
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            // Events are at other positions than the marker of a clearing.
            if (_removed.TryGetValue(snapshot.Stream, out var removed)
                && snapshot.Position.Position < removed.Position) return ValueTask.CompletedTask;
            _snapshots[snapshot.Stream] =
            [
                .. _snapshots.GetValueOrDefault(snapshot.Stream, [])
                    .Where(one => one.Version != snapshot.Version).Append(snapshot)
                    .OrderBy(static one => one.Version.Value).TakeLast(ISnapshotStore.KeptMax),
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
            _removed[stream] = position;
        }
    }

    /// <summary>Drops a stream's snapshots of events before a position, and from now on those that come late.</summary>
    internal void Truncate(StreamName stream, LogPosition position)
    {
        lock (_lock)
        {
            if (_snapshots.TryGetValue(stream, out var kept))
                _snapshots[stream] = [.. kept.Where(one => one.Position.Position >= position.Position)];
            _removed[stream] = position;
        }
    }
}
