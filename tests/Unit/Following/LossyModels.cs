namespace Granary.Tests.Unit.Following;

/// <summary>A model store whose commits fail on command, before or after they have landed.</summary>
internal sealed class LossyModels(IModelStore inner) : ISqlModelStore
{
    private int _reads;

    public int FailBefore { get; set; }

    public int FailAfter { get; set; }

    /// <summary>How many rows a page has at most.</summary>
    public int PageMax { get; set; } = int.MaxValue;

    /// <summary>How often rows were read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Called with each key that is read.</summary>
    public Action<string>? OnRead { get; set; }

    /// <summary>Called before each commit.</summary>
    public Func<ModelCommit, Task>? OnCommit { get; set; }

    /// <summary>Called before the checkpoints of a reader are deleted.</summary>
    public Func<Task>? OnDelete { get; set; }

    public ValueTask InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken) =>
        inner.CreateTableAsync(table, cancellationToken);

    public ValueTask DropTableAsync(string table, CancellationToken cancellationToken) =>
        inner.DropTableAsync(table, cancellationToken);

    public ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken) =>
        CommitAsync(commit, () => inner.CommitAsync(commit, cancellationToken));

    public ValueTask<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, SqlModelWrite write, CancellationToken cancellationToken) =>
        CommitAsync(commit, () => ((ISqlModelStore)inner).CommitAsync(commit, write, cancellationToken));

    public ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        foreach (var key in keys) OnRead?.Invoke(key);
        return inner.ReadAsync(table, keys, cancellationToken);
    }

    public ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return inner.QueryAsync(query with { Limit = Math.Min(query.Limit, PageMax) }, cancellationToken);
    }

    public ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        inner.ReadCheckpointAsync(name, partition, cancellationToken);

    public ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
        inner.ReadCheckpointsAsync(cancellationToken);

    public async ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken)
    {
        if (OnDelete is { } called) await called();
        await inner.DeleteCheckpointsAsync(name, cancellationToken);
    }

    private async ValueTask<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, Func<ValueTask<ModelCommitOutcome>> send)
    {
        if (OnCommit is { } called) await called(commit);
        if (FailBefore > 0)
        {
            FailBefore--;
            throw new StoreUnavailableException("Failed before it was written.");
        }

        var outcome = await send();
        if (FailAfter <= 0) return outcome;
        FailAfter--;
        throw new StoreUnavailableException("Failed after it was written.");
    }
}
