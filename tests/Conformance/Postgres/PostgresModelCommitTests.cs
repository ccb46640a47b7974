using Granary.Storage.Postgres;
using Npgsql;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>Commits of models by several silos, and those whose answer is lost.</summary>
public sealed class PostgresModelCommitTests : PostgresTest
{
    private static readonly Guid StoreId = new(1, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);
    private static readonly ModelTable Table = new("accounts_v1", new ModelColumn("owner", ModelColumnKind.Text));
    private static readonly ModelTable Other = new("others_v1");

    [Fact]
    public async Task Of_owners_that_move_a_checkpoint_at_once_one_does()
    {
        var stores = await OpenAsync(4);

        var outcomes = await Task.WhenAll(stores.Select((store, at) => store.CommitAsync(
            new ModelCommit(Put(Table, $"k{at}")) { Advance = Advance(0, 5, epoch: 1) }, Token).AsTask()));

        Assert.Single(outcomes, ModelCommitOutcome.Committed);
        Assert.Equal(3, outcomes.Count(static one => one == ModelCommitOutcome.Overtaken));
        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.accounts_v1"));
    }

    [Fact]
    public async Task A_later_epoch_ends_the_earlier_owner()
    {
        var store = (await OpenAsync(1))[0];
        Assert.Equal(
            ModelCommitOutcome.Overtaken,
            await store.CommitAsync(new ModelCommit { Advance = Advance(3, 4, epoch: 9) }, Token));
        Assert.Equal(
            ModelCommitOutcome.Committed,
            await store.CommitAsync(new ModelCommit { Advance = Advance(0, 0, epoch: 2) }, Token));

        var late = new ModelCommit(Put(Table, "a")) { Advance = Advance(0, 1, epoch: 1) };
        Assert.Equal(ModelCommitOutcome.Overtaken, await store.CommitAsync(late, Token));

        Assert.Empty(await store.ReadAsync(Table, ["a"], Token));
        var checkpoint = await store.ReadCheckpointAsync("reader", default, Token);
        Assert.Equal((0L, 2L, StoreId), (checkpoint!.Position.Value, checkpoint.Epoch, checkpoint.StoreId));
        Assert.Null(await store.ReadCheckpointAsync("reader", new(1), Token));
        await store.DeleteCheckpointsAsync("reader", Token);
        Assert.Empty(await store.ReadCheckpointsAsync(Token));
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_has_landed_once()
    {
        var store = (await OpenAsync(1))[0];
        var calls = 0;
        SqlModelWrite write = (_, _, _) =>
        {
            calls++;
            return Task.CompletedTask;
        };
        var moved = new ModelCommit(Put(Table, "a")) { Advance = Advance(0, 1, epoch: 1) };
        var plain = new ModelCommit(Put(Table, "b"), Put(Other, "b"));

        foreach (var commit in (ModelCommit[])[moved, plain])
        {
            Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, write, Token));
            Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, write, Token));
        }

        Assert.Equal(2, calls);
        var row = Assert.Single(await store.ReadAsync(Table, ["b"], Token));
        var deletion = new ModelCommit(ModelWrite.Delete(Table, row), Put(Other, "c"));
        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(deletion, Token));
        Assert.Equal(ModelCommitOutcome.RowsChanged, await store.CommitAsync(plain, Token));
        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(deletion, Token));
    }

    [Fact]
    public async Task One_row_that_has_changed_leaves_all_others_as_they_are()
    {
        var store = (await OpenAsync(1))[0];
        await store.CommitAsync(new ModelCommit(Put(Table, "a"), Put(Table, "b")), Token);
        var rows = (await store.ReadAsync(Table, ["a", "b"], Token)).ToDictionary(static one => one.Key);
        await store.CommitAsync(new ModelCommit(Put(Table, "b", rows["b"])), Token);

        foreach (var stale in (ModelWrite[])
            [Put(Table, "b", rows["b"]), Put(Table, "b"), ModelWrite.Delete(Table, rows["b"])])
        {
            var commit = new ModelCommit(Put(Table, "a", rows["a"]), stale, Put(Other, "c"))
            {
                Advance = Advance(0, 1, epoch: 1),
            };
            Assert.Equal(ModelCommitOutcome.RowsChanged, await store.CommitAsync(commit, Token));
        }

        Assert.Equal(rows["a"].Revision, (await store.ReadAsync(Table, ["a"], Token))[0].Revision);
        Assert.Null(await store.ReadCheckpointAsync("reader", default, Token));
        Assert.Empty(await store.ReadAsync(Other, ["c"], Token));
    }

    // Both have locked a row before the other one's: one of them would be ended by the server.
    [Fact]
    public async Task Commits_that_write_the_same_rows_in_other_orders_wait_for_each_other()
    {
        var stores = await OpenAsync(2);
        var keys = Enumerable.Range(0, 400).Select(static at => $"k{at}").ToArray();
        await stores[0].CommitAsync(new ModelCommit([.. keys.Select(static key => Put(Table, key))]), Token);

        for (var round = 0; round < 10; round++)
        {
            var rows = (await stores[0].ReadAsync(Table, keys, Token)).ToDictionary(static one => one.Key);
            ModelWrite[] writes = [.. keys.Select(key => Put(Table, key, rows[key]))];
            var outcomes = await Task.WhenAll(
                stores[0].CommitAsync(new ModelCommit(writes), Token).AsTask(),
                stores[1].CommitAsync(new ModelCommit([.. writes.Reverse()]), Token).AsTask());
            Assert.Single(outcomes, ModelCommitOutcome.Committed);
            Assert.Single(outcomes, ModelCommitOutcome.RowsChanged);
        }
    }

    [Fact]
    public async Task What_the_write_throws_is_thrown_and_nothing_is_changed()
    {
        var store = (await OpenAsync(1))[0];
        var commit = new ModelCommit(Put(Table, "a")) { Advance = Advance(0, 1, epoch: 1) };

        var thrown = await Assert.ThrowsAsync<PostgresException>(() => store.CommitAsync(
            commit,
            static async (connection, _, token) =>
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT 1 / 0";
                await command.ExecuteNonQueryAsync(token);
            },
            Token).AsTask());

        Assert.Equal(PostgresErrorCodes.DivisionByZero, thrown.SqlState);
        Assert.Empty(await store.ReadAsync(Table, ["a"], Token));
        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, Token));
    }

    [Fact]
    public async Task A_connection_that_is_lost_in_a_commit_leaves_nothing_that_lands_later()
    {
        var store = (await OpenAsync(1))[0];
        var commit = new ModelCommit(Put(Table, "a"));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(
            commit,
            async (connection, _, _) =>
                await Data.ExecuteAsync(
                    $"SELECT pg_terminate_backend({((NpgsqlConnection)connection).ProcessID}, 5000)"),
            Token).AsTask());

        Assert.Empty(await store.ReadAsync(Table, ["a"], Token));
        Assert.Equal(ModelCommitOutcome.Committed, await store.CommitAsync(commit, Token));
    }

    [Fact]
    public async Task Silos_that_create_a_table_at_once_create_one()
    {
        var stores = await OpenAsync(4);
        var table = new ModelTable("late_v1", new ModelColumn("owner", ModelColumnKind.Text));

        await Task.WhenAll(stores.Select(store => store.CreateTableAsync(table, Token).AsTask()));
        for (var at = 0; at < 10; at++)
        {
            var next = new ModelTable($"next_v{at}");
            await Task.WhenAll(stores.Select(store => Task.Run(
                async () => await store.CreateTableAsync(next, Token), Token)));
        }

        await Assert.ThrowsAsync<StoreSchemaException>(
            () => stores[0].CreateTableAsync(new ModelTable("late_v1"), Token).AsTask());
        await Task.WhenAll(stores.Select(store => store.DropTableAsync(table.Name, Token).AsTask()));
        await Assert.ThrowsAsync<StoreSchemaException>(
            () => stores[0].CommitAsync(new ModelCommit(Put(table, "a")), Token).AsTask());
        await Assert.ThrowsAsync<StoreSchemaException>(() => stores[0].ReadAsync(table, ["a"], Token).AsTask());
    }

    private async Task<PostgresModelStore[]> OpenAsync(int silos)
    {
        var stores = Enumerable.Range(0, silos).Select(_ => new PostgresModelStore(Data.Make())).ToArray();
        foreach (var store in stores) await store.InitializeAsync(Token);
        await stores[0].CreateTableAsync(Table, Token);
        await stores[0].CreateTableAsync(Other, Token);
        return stores;
    }

    private static ModelWrite Put(ModelTable table, string key, ModelRow? expected = null) =>
        ModelWrite.Put(table, key, expected, "{}"u8.ToArray(), [.. table.Columns.Select(static _ => "ann")]);

    private static ModelAdvance Advance(long from, long to, long epoch) => new(
        new CheckpointAdvance("reader", default, new(from), new(to), epoch), StoreId, default);
}
