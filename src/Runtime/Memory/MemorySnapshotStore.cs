using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="ISnapshotStore"/>: in memory, gone with the process.</summary>
public sealed class MemorySnapshotStore : ISnapshotStore
{
    private readonly ConcurrentDictionary<StreamName, Snapshot[]> _snapshots = new();

    /// <inheritdoc />
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _snapshots.AddOrUpdate<Snapshot>(
            snapshot.Stream,
            static (_, added) => [added],
            static (_, kept, added) =>
            [
                .. kept.Where(one => one.Version != added.Version).Append(added)
                    .OrderBy(static one => one.Version.Value).TakeLast(ISnapshotStore.KeptMax),
            ],
            snapshot);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var found = _snapshots.GetValueOrDefault(stream)?.LastOrDefault(one =>
            one.Version <= atMost && (notAfter is null || one.Timestamp <= notAfter));
        return ValueTask.FromResult(found);
    }

    internal void Drop(StreamName stream) => _snapshots.TryRemove(stream, out _);
}
