using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Models in a SQLite file of their own, beside that of the log: they never wait for the log's writer. What is derived
/// from the log is not synced at each commit: a power failure may undo the last commits, with their checkpoints.
/// </summary>
/// <param name="options">The path and the settings.</param>
public sealed class SqliteModelStore(SqliteStoreOptions options) : ISqlModelStore, IAsyncDisposable
{
    private readonly ModelFile _file = new(options);

    /// <summary>The path of the file.</summary>
    public string Path => _file.Path;

    /// <inheritdoc />
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        _file.Create();
        await _file.WriteAsync(isDurable: true, (connection, transaction) =>
        {
            ModelSchema.Ensure(connection, transaction, _file.Path);
            return Task.FromResult(true);
        }, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken) =>
        await _file.WriteAsync(isDurable: true, (connection, transaction) =>
        {
            ModelSchema.CreateTable(connection, transaction, table);
            return Task.FromResult(true);
        }, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DropTableAsync(string table, CancellationToken cancellationToken) =>
        await _file.WriteAsync(isDurable: true, (connection, transaction) =>
        {
            ModelSchema.DropTable(connection, transaction, table);
            return Task.FromResult(true);
        }, cancellationToken);

    /// <inheritdoc />
    public ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken) =>
        CommitCoreAsync(commit, null, cancellationToken);

    /// <inheritdoc />
    public ValueTask<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, SqlModelWrite write, CancellationToken cancellationToken) =>
        CommitCoreAsync(commit, write, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ModelFaults.CheckKeys(keys);
        return await _file.ReadAsync(
            connection => ModelReading.FindRows(connection, table, keys.Distinct()), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        query.Check();
        return await _file.ReadAsync(connection => ModelReading.Query(connection, query), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        await _file.ReadAsync(
            connection => ModelReading.FindCheckpoint(connection, name, partition), cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken) =>
        await _file.ReadAsync(ModelReading.ReadCheckpoints, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken) =>
        await _file.WriteAsync(isDurable: true, (connection, transaction) =>
        {
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "DELETE FROM granary_checkpoints WHERE name = $name";
            command.Parameters.AddWithValue("$name", name);
            command.ExecuteNonQuery();
            return Task.FromResult(true);
        }, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private async ValueTask<ModelCommitOutcome> CommitCoreAsync(
        ModelCommit commit, SqlModelWrite? write, CancellationToken cancellationToken)
    {
        var outcome = ModelCommitOutcome.Committed;
        ExceptionDispatchInfo? thrown = null;
        await _file.WriteAsync(commit.Durable, async (connection, transaction) =>
        {
            foreach (var table in commit.Writes.Select(static one => one.Table).Distinct())
                ModelReading.ThrowIfOther(connection, table);
            (outcome, var isNew) = new ModelWriting(connection, transaction, commit).Run();
            if (!isNew || write is null) return isNew;
            try
            {
                await write(connection, transaction, cancellationToken);
            }
            catch (Exception fault)
            {
                // Thrown as it is: one of SQLite's would else be taken for a fault of the file.
                thrown = ExceptionDispatchInfo.Capture(fault);
                return false;
            }

            thrown = Commit(connection, transaction);
            return false;
        }, cancellationToken, isOwn: write is not null);
        thrown?.Throw();
        return outcome;
    }

    // What the commit refuses is the error of the caller's write: a constraint that is checked last, or a statement
    // that is under way still. In a write-ahead log a commit waits for no lock.
    private static ExceptionDispatchInfo? Commit(SqliteConnection connection, SqliteTransaction transaction)
    {
        connection.DefaultTimeout = 1;
        try
        {
            transaction.Commit();
            return null;
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode is raw.SQLITE_CONSTRAINT or raw.SQLITE_BUSY)
        {
            return ExceptionDispatchInfo.Capture(fault);
        }
    }
}
