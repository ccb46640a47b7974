namespace Granary.Runtime;

/// <summary>The readable reference of <see cref="IModelStore"/>: in memory, gone with the process.</summary>
public sealed class MemoryModelStore : IModelStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MemoryModelTable> _tables = [];
    private readonly Dictionary<string, string> _views = [];
    private readonly Dictionary<(string Name, LogPartition Partition), ModelCheckpoint> _checkpoints = [];

    /// <inheritdoc />
    public ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_views.ContainsKey(table.Name)) throw ModelFaults.NameOfView(table.Name);
            if (!_tables.TryGetValue(table.Name, out var there)) _tables[table.Name] = new MemoryModelTable(table);
            else if (there.Table != table) throw ModelFaults.OtherColumns(table);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DropTableAsync(string table, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            _tables.Remove(table);
            foreach (var (view, _) in _views.Where(one => one.Value == table).ToList()) _views.Remove(view);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult(Commit(commit));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ModelFaults.CheckKeys(keys);
        lock (_lock)
        {
            var rows = Find(table);
            return ValueTask.FromResult<IReadOnlyList<ModelRow>>(
                [.. keys.Distinct().Select(rows.Find).OfType<ModelRow>()]);
        }
    }

    /// <inheritdoc />
    public ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        query.Check();
        lock (_lock) return ValueTask.FromResult(Find(query.Table).Query(query));
    }

    /// <inheritdoc />
    public ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult(_checkpoints.GetValueOrDefault((name, partition)));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return ValueTask.FromResult<IReadOnlyList<ModelCheckpoint>>([.. _checkpoints.Values]);
    }

    /// <inheritdoc />
    public ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var key in _checkpoints.Keys.Where(one => one.Name == name).ToList()) _checkpoints.Remove(key);
        }

        return ValueTask.CompletedTask;
    }

    private ModelCommitOutcome Commit(ModelCommit commit)
    {
        if (commit.View is { } view)
        {
            if (_tables.ContainsKey(view.Name)) throw ModelFaults.NameOfTable(view.Name);
            Find(view.Table);
        }

        if (commit.Advance?.Move is { } move)
        {
            var there = _checkpoints.GetValueOrDefault((move.Name, move.Partition));
            if (there?.CommitId == commit.Id) return ModelCommitOutcome.Committed;
            if (!move.IsAllowedAt(there?.Position ?? GlobalPosition.Zero, there?.Epoch ?? 0))
                return ModelCommitOutcome.Overtaken;
        }
        else if (commit.Writes.Count > 0 && commit.Writes.All(one => Find(one.Table).IsDone(one, commit.Id)))
        {
            return ModelCommitOutcome.Committed;
        }

        if (!commit.Writes.All(one => Find(one.Table).IsAllowed(one))) return ModelCommitOutcome.RowsChanged;
        foreach (var one in commit.Writes) Find(one.Table).Apply(one, commit.Id);
        if (commit.Advance is { } advance)
            _checkpoints[(advance.Move.Name, advance.Move.Partition)] = new ModelCheckpoint(
                advance.Move.Name, advance.Move.Partition, advance.Move.To, advance.Move.Epoch, advance.StoreId,
                advance.EventId, commit.Id);
        if (commit.View is { } shown) _views[shown.Name] = shown.Table.Name;
        return ModelCommitOutcome.Committed;
    }

    private MemoryModelTable Find(ModelTable table)
    {
        if (!_tables.TryGetValue(table.Name, out var found)) throw ModelFaults.NoTable(table.Name);
        return found.Table == table ? found : throw ModelFaults.OtherColumns(table);
    }
}
