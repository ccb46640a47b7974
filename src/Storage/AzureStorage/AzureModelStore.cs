namespace Granary.Storage.AzureStorage;

/// <summary>
/// Models in the table that the events are in. A commit of any rows and a checkpoint counts as a whole: its rows are
/// locked, and one row decides for all of them.
/// </summary>
public sealed class AzureModelStore : IModelStore
{
    private readonly AzureEventStore _store;
    private readonly ModelRows _rows;
    private readonly ModelTables _tables;
    private readonly ModelCheckpoints _checkpoints;
    private readonly ModelCommitter _committer;
    private readonly ModelQueries _queries;

    /// <summary>Keeps models beside the events of a store.</summary>
    /// <param name="store">The store.</param>
    public AzureModelStore(AzureEventStore store)
    {
        _store = store;
        var decisions = new ModelDecisions(store.Account);
        _rows = new ModelRows(store.Account, store.Blobs, decisions);
        _tables = new ModelTables(store, _rows, decisions);
        _checkpoints = new ModelCheckpoints(store);
        _committer = new ModelCommitter(store, _rows, _tables, _checkpoints, decisions);
        _queries = new ModelQueries(store.Account, _rows);
    }

    /// <inheritdoc />
    public async ValueTask InitializeAsync(CancellationToken cancellationToken) =>
        await _store.EnsureSchemaAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken) =>
        new(_tables.CreateAsync(table, cancellationToken));

    /// <inheritdoc />
    public ValueTask DropTableAsync(string table, CancellationToken cancellationToken) =>
        new(_tables.DropAsync(table, cancellationToken));

    /// <inheritdoc />
    public ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken) =>
        new(_committer.CommitAsync(commit, cancellationToken));

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ModelFaults.CheckKeys(keys);
        var known = keys.Where(static key => key.Length > 0 && UnicodeText.IsWellFormed(key))
            .Distinct(StringComparer.Ordinal).ToList();
        var found = await FindAsync(
            table, partition => _rows.LoadAsync(partition, known, cancellationToken), static one => one.Count == 0,
            cancellationToken).ConfigureAwait(false);
        return found.ConvertAll(static one =>
            new ModelRow(one.Key, one.Document, one.Content.Position, one.Content.Revision));
    }

    /// <inheritdoc />
    public async ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        query.Check();
        return await FindAsync(
            query.Table, partition => _queries.QueryAsync(query, partition, cancellationToken),
            static page => page.Rows.Count == 0, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        (await _checkpoints.FindAsync(name, partition, cancellationToken).ConfigureAwait(false)).Checkpoint;

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
        await _checkpoints.ReadAllAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken) =>
        new(_checkpoints.DeleteAsync(name, cancellationToken));

    // Where rows are found where they were the last time, their table is there still: one that is dropped has none. So
    // the table is looked for only where nothing is found.
    private async Task<T> FindAsync<T>(
        ModelTable table, Func<string, Task<T>> find, Func<T, bool> isNothing, CancellationToken cancellationToken)
    {
        if (_tables.Recall(table) is not { } remembered)
            return await find(await _tables.FindRowsAsync(table, cancellationToken).ConfigureAwait(false))
                .ConfigureAwait(false);
        var found = await find(remembered).ConfigureAwait(false);
        if (!isNothing(found)) return found;
        var partition = await _tables.FindRowsAsync(table, cancellationToken).ConfigureAwait(false);
        return partition == remembered ? found : await find(partition).ConfigureAwait(false);
    }
}
