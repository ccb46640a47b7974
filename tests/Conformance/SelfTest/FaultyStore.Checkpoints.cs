namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    private readonly Dictionary<(string, LogPartition), Checkpoint> _ownCheckpoints = [];

    public ValueTask<Checkpoint?> ReadAsync(string name, LogPartition partition, CancellationToken cancellationToken)
    {
        if (fault != Fault.MovesThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var found = CheckpointsOf().GetValueOrDefault(KeyOf(name, partition));
            return ValueTask.FromResult(found is null ? null : found with { Name = name });
        }
    }

    public async ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken)
    {
        if (fault != Fault.MovesThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        var key = KeyOf(advance.Name, advance.Partition);
        Checkpoint? before;
        lock (data.Lock) before = CheckpointsOf().GetValueOrDefault(key);
        if (fault == Fault.ReadsBeforeItMoves) await Task.Yield();
        lock (data.Lock)
        {
            var checkpoints = CheckpointsOf();
            var found = fault == Fault.ReadsBeforeItMoves ? before : checkpoints.GetValueOrDefault(key);
            var (position, epoch) = (found?.Position ?? GlobalPosition.Zero, found?.Epoch ?? 0);
            if (fault == Fault.MovesFromAnywhere) position = advance.From;
            if (fault == Fault.ForgetsTheEpoch) epoch = 0;
            if (fault != Fault.RefusesAMoveThatWasMade && advance.IsDoneAt(position, epoch)) return true;
            if (!advance.IsAllowedAt(position, epoch)) return false;
            checkpoints[key] = new(advance.Name, advance.Partition, advance.To, advance.Epoch);
            return true;
        }
    }

    public ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken)
    {
        if (fault != Fault.MovesThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            return ValueTask.FromResult<IReadOnlyList<Checkpoint>>([.. CheckpointsOf().Values
                .Where(one => fault != Fault.ReadsThoseOfOnePartition || one.Partition == default)]);
        }
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (fault != Fault.MovesThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var checkpoints = CheckpointsOf();
            var gone = checkpoints.Keys.Where(one => one.Item1 == KeyOf(name, default).Item1).ToList();
            foreach (var key in gone.Take(fault == Fault.DeletesInOnePartition ? 1 : gone.Count))
                checkpoints.Remove(key);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
    {
        if (fault == Fault.WaitsForEveryPartition && after.Partition.Value >= PartitionCount)
            after = LogPosition.StartOf(default);
        var token = fault == Fault.WaitsThoughCancelled ? CancellationToken.None : cancellationToken;
        if (fault == Fault.WaitsForTheNextCommit) after = after with { Position = new(long.MaxValue) };
        return await (fault == Fault.HearsOnlyItself ? _ownGrown : data.Grown).WaitAsync(after, token);
    }

    private void Grow(LogPartition partition)
    {
        var end = new LogPosition(partition, new(data.Log[partition.Value].Count));
        data.Grown.Grow(end);
        _ownGrown.Grow(end);
    }

    private Dictionary<(string, LogPartition), Checkpoint> CheckpointsOf() =>
        fault == Fault.KeepsCheckpointsInTheProcess ? _ownCheckpoints : data.Checkpoints;

    private (string, LogPartition) KeyOf(string name, LogPartition partition) => fault switch
    {
        Fault.TakesCheckpointsForOneAnother => (name.ToUpperInvariant(), partition),
        Fault.HasOneCheckpointForAllPartitions => (name, default),
        _ => (name, partition),
    };
}
