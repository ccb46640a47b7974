namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="ICheckpointStore"/>: in memory, gone with the process.</summary>
public sealed class MemoryCheckpointStore : ICheckpointStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, LogPartition Partition), Checkpoint> _checkpoints = [];

    /// <inheritdoc />
    public ValueTask<Checkpoint?> ReadAsync(string name, LogPartition partition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult(_checkpoints.GetValueOrDefault((name, partition)));
    }

    /// <inheritdoc />
    public ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var key = (advance.Name, advance.Partition);
            var (position, epoch) = _checkpoints.TryGetValue(key, out var found)
                ? (found.Position, found.Epoch)
                : (GlobalPosition.Zero, 0);
            if (advance.IsDoneAt(position, epoch)) return ValueTask.FromResult(true);
            if (!advance.IsAllowedAt(position, epoch)) return ValueTask.FromResult(false);
            _checkpoints[key] = new Checkpoint(advance.Name, advance.Partition, advance.To, advance.Epoch);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<Checkpoint>>([.. _checkpoints.Values]);
    }

    /// <inheritdoc />
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var key in _checkpoints.Keys.Where(one => one.Name == name).ToList()) _checkpoints.Remove(key);
        }

        return ValueTask.CompletedTask;
    }
}
