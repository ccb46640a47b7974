using System.Data.Common;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using static Granary.Tests.Unit.Sqlite.Models.ModelFolder;

namespace Granary.Tests.Unit.Sqlite.Models;

/// <summary>What commits together, what is synced, and what a caller writes in the same transaction.</summary>
public sealed class ModelTransactionTests
{
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_commit_is_synced_where_it_must_survive_a_power_failure_and_not_else(bool isDurable, long level)
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();

        // Each after one of the other kind, on the same connection.
        await store.CommitAsync(new ModelCommit(Put("a")) { Durable = !isDurable }, Token);
        var found = new List<object?>();
        await store.CommitAsync(new ModelCommit(Put("b")) { Durable = isDurable }, async (connection, _, token) =>
            found.Add(await ScalarAsync(connection, "PRAGMA synchronous", token)), Token);

        Assert.Equal([level], found);
    }

    [Fact]
    public async Task Wherever_a_power_failure_cuts_the_write_ahead_log_rows_and_checkpoint_are_those_of_one_commit()
    {
        const int commits = 30;
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        for (var at = 0; at < commits; at++)
        {
            var commit = new ModelCommit(Put($"{at}a"), Put($"{at}b")) { Advance = Move(at, at + 1) };
            await store.CommitAsync(commit, Token);
        }

        var wal = await File.ReadAllBytesAsync(folder.ModelsPath + "-wal", Token);

        var seen = new HashSet<long>();
        for (var length = wal.Length; length > wal.Length / 2; length -= 2_711)
        {
            var copy = folder.PathOf($"{length}.db");
            File.Copy(folder.ModelsPath, copy);
            await File.WriteAllBytesAsync(copy + "-wal", wal[..length], Token);
            var after = folder.New(new SqliteStoreOptions { ModelsPath = copy });
            var position = (await after.ReadCheckpointAsync("reader", default, Token))?.Position.Value ?? 0;
            var rows = (await after.QueryAsync(new ModelQuery(Orders), Token)).Rows.Count;
            Assert.Equal(position * 2, rows);
            seen.Add(position);
        }

        Assert.Contains(commits, seen);
        Assert.True(seen.Count > 5, "The log was cut in few commits.");
    }

    [Fact]
    public async Task What_a_caller_writes_in_the_transaction_lands_with_rows_and_checkpoint()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        folder.Sql("CREATE TABLE own (x PRIMARY KEY)");
        var commit = new ModelCommit(Put("a")) { Advance = Move(0, 5) };

        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, Insert, Token));

        Assert.Equal([1L], folder.Sql("SELECT x FROM own"));
        Assert.Equal([5L], folder.Sql("SELECT position FROM granary_checkpoints"));

        // It would fail: the row is there.
        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, Insert, Token));
        var overtaken = new ModelCommit { Advance = Move(4, 6) };
        Assert.Equal(ModelCommitOutcome.Overtaken, await store.CommitAsync(overtaken, Insert, Token));
        Assert.Equal(
            ModelCommitOutcome.RowsChanged, await store.CommitAsync(new ModelCommit(Put("a")), Insert, Token));
    }

    [Fact]
    public async Task An_error_of_what_a_caller_writes_is_thrown_as_it_is_and_everything_is_rolled_back()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        folder.Sql("CREATE TABLE own (x PRIMARY KEY); INSERT INTO own VALUES (1)");
        var commit = new ModelCommit(Put("a")) { Advance = Move(0, 5) };

        await Assert.ThrowsAsync<SqliteException>(async () => await store.CommitAsync(commit, Insert, Token));
        await Assert.ThrowsAsync<TimeoutException>(async () => await store.CommitAsync(
            commit, static (_, _, _) => throw new TimeoutException(), Token));

        Assert.Null(await FindAsync(store, "a"));
        Assert.Null(await store.ReadCheckpointAsync("reader", default, Token));
        folder.Sql("DELETE FROM own");
        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, Insert, Token));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_is_rolled_back()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.CommitAsync(
            new ModelCommit(Put("a")),
            async (connection, transaction, token) =>
            {
                await cancellation.CancelAsync();
                await Insert(connection, transaction, token);
            },
            cancellation.Token));

        Assert.Null(await FindAsync(store, "a"));
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(store, Put("a")));
    }

    [Fact]
    public async Task A_transaction_that_a_callers_error_has_ended_already_leaves_nothing()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        folder.Sql("CREATE TABLE own (x PRIMARY KEY); INSERT INTO own VALUES (1)");

        await Assert.ThrowsAnyAsync<Exception>(async () => await store.CommitAsync(
            new ModelCommit(Put("a")) { Advance = Move(0, 5) },
            async (connection, transaction, token) =>
            {
                try
                {
                    await RunAsync(connection, transaction, "INSERT OR ROLLBACK INTO own VALUES (1)", token);
                }
                catch (SqliteException)
                {
                    // Hidden, as a careless caller does.
                }
            },
            Token));

        Assert.Null(await FindAsync(store, "a"));
        Assert.Null(await store.ReadCheckpointAsync("reader", default, Token));
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(store, Put("a")));
    }

    [Fact]
    public async Task A_row_to_delete_that_is_gone_already_does_not_make_a_commit_look_landed()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Put("old"));
        var old = await FindAsync(store, "old");
        await CommitAsync(store, ModelWrite.Delete(Orders, old!));

        Assert.Equal(
            ModelCommitOutcome.RowsChanged,
            await CommitAsync(store, Put("new"), ModelWrite.Delete(Orders, old!)));

        Assert.Null(await FindAsync(store, "new"));
    }

    private static Task Insert(DbConnection connection, DbTransaction transaction, CancellationToken token) =>
        RunAsync(connection, transaction, "INSERT INTO own VALUES (1)", token);

    private static async Task RunAsync(
        DbConnection connection, DbTransaction transaction, string sql, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(token);
    }

    private static async Task<object?> ScalarAsync(DbConnection connection, string sql, CancellationToken token)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(token);
    }
}
