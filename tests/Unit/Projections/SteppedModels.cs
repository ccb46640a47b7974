namespace Granary.Tests.Unit.Projections;

/// <summary>A model store that lets a test do something between two reads.</summary>
internal sealed class SteppedModels(IModelStore inner) : IModelStore
{
    private bool _isCalled;

    /// <summary>Called after each read of a checkpoint.</summary>
    public Func<Task>? AfterCheckpoint { get; set; }

    /// <summary>What is read instead of a row: as though somebody had written past the store.</summary>
    public Func<ModelRow, ModelRow>? OnRow { get; set; }

    /// <summary>The most rows that a query has asked for.</summary>
    public int LimitMax { get; private set; }

    public ValueTask InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken) =>
        inner.CreateTableAsync(table, cancellationToken);

    public ValueTask DropTableAsync(string table, CancellationToken cancellationToken) =>
        inner.DropTableAsync(table, cancellationToken);

    public ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken) =>
        inner.CommitAsync(commit, cancellationToken);

    public async ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var rows = await inner.ReadAsync(table, keys, cancellationToken);
        return OnRow is { } changed ? [.. rows.Select(changed)] : rows;
    }

    public ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        LimitMax = Math.Max(LimitMax, query.Limit);
        return inner.QueryAsync(query, cancellationToken);
    }

    public async ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken)
    {
        var found = await inner.ReadCheckpointAsync(name, partition, cancellationToken);

        // What it does reads checkpoints too.
        if (AfterCheckpoint is not { } called || _isCalled) return found;
        _isCalled = true;
        await called();
        _isCalled = false;
        return found;
    }

    public ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
        inner.ReadCheckpointsAsync(cancellationToken);

    public ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken) =>
        inner.DeleteCheckpointsAsync(name, cancellationToken);
}
