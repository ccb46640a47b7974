namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="ISnapshotStore"/>: in memory, gone with the process.</summary>
public sealed class MemorySnapshotStore : ISnapshotStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamName, Snapshot[]> _snapshots = [];
    private readonly Dictionary<StreamName, LogPosition> _cleared = [];

    /// <inheritdoc />
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_cleared.TryGetValue(snapshot.Stream, out var cleared)
                && snapshot.Position.Position <= cleared.Position) return ValueTask.CompletedTask;
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
            _cleared[stream] = position;
        }
    }
}
