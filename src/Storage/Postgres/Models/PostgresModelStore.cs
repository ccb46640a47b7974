using Npgsql;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>
/// Models in the database and the schema that the events are in: a table for each, beside the tables of the log.
/// </summary>
public sealed class PostgresModelStore : ISqlModelStore
{
    private readonly PostgresEventStore _store;
    private readonly PostgresDatabase _database;
    private readonly ModelStatements _statements;
    private readonly ModelCommitter _committer;

    /// <summary>Makes a store of models on the connections of a store of events, which closes them.</summary>
    public PostgresModelStore(PostgresEventStore store)
    {
        (_store, _database) = (store, store.Database);
        _statements = new ModelStatements(_database.Options.Schema);
        _committer = new ModelCommitter(_database, _statements, store.Logger);
    }

    /// <inheritdoc />
    public async ValueTask InitializeAsync(CancellationToken cancellationToken) =>
        await _store.EnsureSchemaAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken)
    {
        var call = _database.Call("create_model_table")
            .With(table.Name).With(ModelColumnTypes.Describe(table)).With(_database.Options.LockTimeoutMs)
            .With([.. table.Columns.Select(static one => one.Name)], NpgsqlDbType.Text)
            .With([.. table.Columns.Select(static one => ModelColumnTypes.Declare(one.Kind))], NpgsqlDbType.Text);
        await RunAsync(
            async token => await call.ReadAsync(static _ => true, token).ConfigureAwait(false), table,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DropTableAsync(string table, CancellationToken cancellationToken) =>
        await _database.Call("drop_model_table").With(table).With(_database.Options.LockTimeoutMs)
            .ReadAsync(static _ => true, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken) =>
        await _committer.CommitAsync(commit, null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, SqlModelWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        return await _committer.CommitAsync(commit, write, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ModelFaults.CheckKeys(keys);
        var known = keys.Where(UnicodeText.IsWellFormed).ToList();
        return await RunAsync(
            token => ReadAsync(table, () => _statements.Read(table, known), ToRow, token), table, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        query.Check();
        var kind = query.OrderBy?.Kind;
        var rows = await RunAsync(
            token => ReadAsync(
                query.Table, () => new ModelQuerySql(query, _statements).Build(),
                row => (
                    Row: ToRow(row), Value: kind is null ? null : ModelColumnTypes.Read(row, 5, kind.Value),
                    Found: row.GetInt64(6)),
                token),
            query.Table, cancellationToken).ConfigureAwait(false);
        var next = rows.Count > 0 && rows.Count < rows[0].Found
            ? new ModelCursor(rows[^1].Value, rows[^1].Row.Key) : null;
        return new ModelPage(rows.ConvertAll(static one => one.Row), next);
    }

    /// <inheritdoc />
    public async ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken)
    {
        var found = await ReadCheckpointsAsync(name, partition.Value, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
        await ReadCheckpointsAsync(null, 0, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken) =>
        await _database.Call("delete_model_checkpoints").With(Names.Bytes(name))
            .ReadAsync(static _ => true, cancellationToken).ConfigureAwait(false);

    private static ModelRow ToRow(NpgsqlDataReader row) => new(
        ModelKeys.Read(row.GetString(0)), StoredDocument.Decode(row.GetFieldValue<byte[]>(1)),
        new LogPosition(new(row.GetInt32(2)), new(row.GetInt64(3))), row.GetInt64(4));

    private async Task<List<ModelCheckpoint>> ReadCheckpointsAsync(
        string? name, int partition, CancellationToken cancellationToken) =>
        await _database.Call("read_model_checkpoints").With(name is null ? null : Names.Bytes(name)).With(partition)
            .ReadAsync(
                static row => new ModelCheckpoint(
                    Names.Text(row.GetFieldValue<byte[]>(0)), new(row.GetInt32(1)), new(row.GetInt64(2)),
                    row.GetInt64(3), row.GetGuid(4), row.GetGuid(5), row.GetInt64(6)),
                cancellationToken)
            .ConfigureAwait(false);

    private Task<List<T>> ReadAsync<T>(
        ModelTable table, Func<NpgsqlBatchCommand> read, Func<NpgsqlDataReader, T> row,
        CancellationToken cancellationToken) =>
        _database.RepeatAsync(
            async (connection, token) =>
            {
                var batch = new NpgsqlBatch(connection) { BatchCommands = { _statements.Use(table), read() } };
                await using (batch.ConfigureAwait(false))
                {
                    var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        await reader.NextResultAsync(token).ConfigureAwait(false);
                        var rows = new List<T>();
                        while (await reader.ReadAsync(token).ConfigureAwait(false)) rows.Add(row(reader));
                        return rows;
                    }
                }
            },
            cancellationToken);

    private async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> run, ModelTable table, CancellationToken cancellationToken)
    {
        try
        {
            return await run(cancellationToken).ConfigureAwait(false);
        }
        catch (GranaryException fault) when (ModelAnswers.Find(fault, [table], _database.Name) is { } found)
        {
            throw found;
        }
    }
}
