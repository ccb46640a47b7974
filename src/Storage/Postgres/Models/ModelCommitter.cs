using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>
/// Commits models: one round trip for all of it, or two and the caller's own where a caller writes as well.
/// </summary>
internal sealed class ModelCommitter(PostgresDatabase database, ModelStatements statements, ILogger logger)
{
    // Through a pooler. The number that it gives a connection may be that of somebody else's process.
    private const int NoProcess = 0;

    private static readonly string[] Clearing =
    [
        "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "CLOSE ALL", "UNLISTEN *", "SELECT pg_advisory_unlock_all()",
        "DISCARD TEMP", "DISCARD SEQUENCES",
    ];

    public async Task<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, SqlModelWrite? write, CancellationToken cancellationToken)
    {
        var plan = new ModelCommitPlan(commit, statements, database.Options.LockTimeoutMs);
        cancellationToken.ThrowIfCancellationRequested();
        int? process = null;
        ExceptionDispatchInfo? thrown = null;
        try
        {
            thrown = await database.UseAsync(
                (connection, _) =>
                {
                    process = database.IsDirect ? connection.ProcessID : NoProcess;
                    return write is null ? RunAsync(plan, connection)
                        : RunAsync(plan, connection, write, cancellationToken);
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException fault) when (process is not null
            && PostgresErrors.AnswerOf(fault) is null)
        {
            await EndAsync(process.Value, commit.Id).ConfigureAwait(false);
            throw;
        }
        catch (GranaryException fault) when (PostgresErrors.AnswerOf(fault) is { } answer)
        {
            return answer.SqlState switch
            {
                ModelAnswers.Landed => ModelCommitOutcome.Committed,
                ModelAnswers.Overtaken => ModelCommitOutcome.Overtaken,
                ModelAnswers.RowsChanged when commit.Advance is null
                    && await HasLandedAsync(plan, cancellationToken).ConfigureAwait(false) =>
                    ModelCommitOutcome.Committed,
                ModelAnswers.RowsChanged => ModelCommitOutcome.RowsChanged,
                _ when ModelAnswers.Find(fault, plan.Tables, database.Name) is { } found => throw found,
                _ => throw Rethrown(fault),
            };
        }

        // Thrown here: one of Granary's own, of another store, would else be taken for this one's.
        thrown?.Throw();
        return ModelCommitOutcome.Committed;
    }

    private static Exception Rethrown(GranaryException fault)
    {
        ExceptionDispatchInfo.Throw(fault);
        return fault;
    }

    private static async Task<ExceptionDispatchInfo?> RunAsync(ModelCommitPlan plan, NpgsqlConnection connection)
    {
        var batch = plan.ToBatch(connection, null);
        await using (batch.ConfigureAwait(false))
            await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        return null;
    }

    // What the caller's write throws is returned: it is no error of the store.
    private static async Task<ExceptionDispatchInfo?> RunAsync(
        ModelCommitPlan plan, NpgsqlConnection connection, SqlModelWrite write, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var batch = plan.ToBatch(connection, transaction);
            foreach (var setting in (string[])["enable_seqscan", "enable_hashjoin", "enable_mergejoin"])
                batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET LOCAL {setting} TO DEFAULT"));
            await using (batch.ConfigureAwait(false))
                await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                await write(connection, transaction, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                await RollBackAsync(connection, transaction).ConfigureAwait(false);
                return ExceptionDispatchInfo.Capture(fault);
            }

            try
            {
                // Where the write has hidden an error of the server, its COMMIT would roll back and report no error.
                var check = new NpgsqlCommand("SELECT 1", connection, transaction);
                await using (check.ConfigureAwait(false))
                    await check.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (NpgsqlException fault) when (IsOfWrite(fault))
            {
                await RollBackAsync(connection, transaction).ConfigureAwait(false);
                return ExceptionDispatchInfo.Capture(fault);
            }

            await ClearAsync(connection).ConfigureAwait(false);
            return null;
        }
    }

    // What is found at the end only: an error that the write has hidden, a constraint that is checked last, a reader
    // that it has left open. The server has answered, or was not asked: nothing has landed.
    private static bool IsOfWrite(NpgsqlException fault) => fault is NpgsqlOperationInProgressException
        || (fault is PostgresException { SqlState: not PostgresErrorCodes.ReadOnlySqlTransaction } answer
            && answer.SqlState[..2] is "22" or "23" or "25" or "42" or "P0");

    // The next one that has the connection finds nothing of what the write has left in its session. Statements that
    // are prepared stay. Where it fails the commit has landed already, and is known by its id when it is sent again.
    private static async Task ClearAsync(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var one in Clearing) batch.BatchCommands.Add(new NpgsqlBatchCommand(one));
        await using (batch.ConfigureAwait(false))
            await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task RollBackAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        try
        {
            // Closes a reader that is left open too, and then rolls back.
            await transaction.DisposeAsync().ConfigureAwait(false);
            await ClearAsync(connection).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException)
        {
            // The connection is lost, and with it the transaction. The write's own error is what is thrown.
        }
    }

    private Task<bool> HasLandedAsync(ModelCommitPlan plan, CancellationToken cancellationToken) =>
        database.RepeatAsync(
            async (connection, token) =>
            {
                var check = plan.ToCheck(connection);
                await using (check.ConfigureAwait(false))
                {
                    var reader = await check.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        var landed = true;
                        do
                        {
                            landed &= await reader.ReadAsync(token).ConfigureAwait(false) && reader.GetBoolean(0);
                        }
                        while (await reader.NextResultAsync(token).ConfigureAwait(false));
                        return landed;
                    }
                }
            },
            cancellationToken);

    // The connection is lost, not the server's process: what it still does must not land after this.
    private async Task EndAsync(int process, long commitId)
    {
        try
        {
            var ended = await database.Call("end_models")
                .With(process).With(commitId).With(database.Options.LockTimeoutMs)
                .ReadAsync(static row => row.GetBoolean(0), CancellationToken.None).ConfigureAwait(false);
            if (!ended[0]) logger.CommitNotEnded(database.Name, process, "it does not end.");
        }
        catch (GranaryException fault)
        {
            logger.CommitNotEnded(database.Name, process, fault.Message);
        }
    }
}
