using System.Data.Common;

namespace Granary.Testing.Conformance.Stores;

/// <summary>
/// What a caller writes in the transaction of a commit of models lands with the rows and the checkpoint, or not at all.
/// </summary>
public abstract class SqlModelConformance<TStore> : SqlModelSuite<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_written_is_there_with_rows_and_checkpoint_when_the_call_has_returned(bool durable)
    {
        await using var table = await StartAsync();
        var commit = new ModelCommit(Put("a"))
        {
            Advance = Move("reader", from: 0, to: 5, epoch: 1), Durable = durable,
        };

        Assert.Equal(ModelCommitOutcome.Committed, await Sql.CommitAsync(commit, table.Insert(7), Token));

        var other = await OtherSqlAsync();
        Assert.Equal("7", await ReadAsync(other, table));
        Assert.Equal(commit.Id, (await RowAsync("a", other))?.Revision);
        Assert.Equal(5, (await other.ReadCheckpointAsync("reader", default, Token))?.Position.Value);
    }

    [Fact]
    public async Task Where_a_commit_is_refused_nothing_is_written_and_the_answer_is_that_of_a_commit_without_it()
    {
        await using var table = await StartAsync();
        await WriteAsync(Put("a"), Put("b"));
        var old = await ExistingAsync("a");
        await WriteAsync(Put("a", old));
        await AdvanceAsync(0, 5, epoch: 2);

        foreach (var (from, epoch) in new[] { (0L, 2L), (4, 2), (6, 2), (5, 1) })
        {
            var overtaken = new ModelCommit(Put("new")) { Advance = Move("reader", from, 7, epoch) };
            Assert.Equal(ModelCommitOutcome.Overtaken, await CommitAsync(overtaken));
            Assert.Equal(ModelCommitOutcome.Overtaken, await Sql.CommitAsync(overtaken, Unwanted, Token));
        }

        foreach (var stale in new[] { Put("a", old), Put("a"), ModelWrite.Delete(Orders, old) })
        {
            var changed = new ModelCommit(Put("new"), stale) { Advance = Move("reader", 5, 7, epoch: 2) };
            Assert.Equal(ModelCommitOutcome.RowsChanged, await CommitAsync(changed));
            Assert.Equal(ModelCommitOutcome.RowsChanged, await Sql.CommitAsync(changed, Unwanted, Token));
            var alone = new ModelCommit(Put("new"), stale);
            Assert.Equal(ModelCommitOutcome.RowsChanged, await Sql.CommitAsync(alone, Unwanted, Token));
        }

        Assert.Null(await RowAsync("new"));
        Assert.Equal(5, (await CheckpointAsync("reader"))?.Position.Value);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_answered_again_and_nothing_is_written_twice()
    {
        await using var table = await StartAsync();
        var moved = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };
        var plain = new ModelCommit(Put("b"));
        Assert.Equal(ModelCommitOutcome.Committed, await Sql.CommitAsync(moved, table.Insert(1), Token));
        Assert.Equal(ModelCommitOutcome.Committed, await Sql.CommitAsync(plain, table.Insert(2), Token));

        foreach (var models in new[] { Sql, await OtherSqlAsync() })
        {
            Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(moved, Unwanted, Token));
            Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(plain, Unwanted, Token));
        }

        Assert.Equal("1 2", await ReadAsync(Sql, table));
    }

    [Fact]
    public async Task What_the_write_throws_is_thrown_as_it_is_and_everything_is_rolled_back()
    {
        await using var table = await StartAsync();
        await RunAsync($"INSERT INTO {table.Name} VALUES (1)");
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };

        foreach (var fault in new Exception[]
        {
            new TimeoutException(), new InvalidOperationException(), new StoreUnavailableException("Of another store."),
            new StoreSchemaException("Of another store."),
        })
        {
            var thrown = await Record.ExceptionAsync(() => CommitAsync(commit, async (connection, transaction, token) =>
            {
                await table.Insert(2)(connection, transaction, token);
                throw fault;
            }));
            Assert.Same(fault, thrown);
        }

        await Assert.ThrowsAnyAsync<DbException>(() => CommitAsync(commit, async (connection, transaction, token) =>
        {
            await table.Insert(2)(connection, transaction, token);
            await table.Insert(1)(connection, transaction, token);
        }));

        Assert.Null(await RowAsync("a"));
        Assert.Null(await CheckpointAsync("reader"));
        Assert.Equal("1", await ReadAsync(Sql, table));
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit, table.Insert(2)));
        Assert.Equal("1 2", await ReadAsync(Sql, table));
    }

    [Fact]
    public async Task An_error_that_the_write_hides_leaves_everything_or_nothing()
    {
        await using var table = await StartAsync();
        await RunAsync($"INSERT INTO {table.Name} VALUES (1)");
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };

        var thrown = await Record.ExceptionAsync(() => CommitAsync(commit, async (connection, transaction, token) =>
        {
            await table.Insert(2)(connection, transaction, token);
            await Assert.ThrowsAnyAsync<DbException>(() => table.Insert(1)(connection, transaction, token));
        }));

        var landed = await RowAsync("a") is not null;
        Assert.Equal(landed, thrown is null);
        Assert.True(thrown is null or DbException, $"It is no error of the write: {thrown}");
        Assert.Equal(landed, await CheckpointAsync("reader") is not null);
        Assert.Equal(landed ? "1 2" : "1", await ReadAsync(Sql, table));
    }

    [Fact]
    public async Task What_the_database_refuses_at_the_commit_is_an_error_of_the_write_and_nothing_lands()
    {
        await using var table = await StartAsync();
        await RunAsync($"ALTER TABLE {table.Name} ADD COLUMN y integer REFERENCES {table.Name} (x) "
            + "DEFERRABLE INITIALLY DEFERRED");
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };

        for (var tries = 0; tries < 2; tries++)
        {
            await Assert.ThrowsAnyAsync<DbException>(() => CommitAsync(commit, (connection, transaction, token) =>
                ExecuteAsync(connection, transaction, $"INSERT INTO {table.Name} VALUES (1, 2)", token)));
            Assert.Null(await RowAsync("a"));
            Assert.Null(await CheckpointAsync("reader"));
            Assert.Equal("", await ReadAsync(Sql, table));
        }

        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit, (connection, transaction, token) =>
            ExecuteAsync(connection, transaction, $"INSERT INTO {table.Name} VALUES (1, 1)", token)));
        Assert.Equal("1", await ReadAsync(Sql, table));
    }

    [Fact]
    public async Task A_reader_that_the_write_leaves_open_is_an_error_of_the_write_or_none()
    {
        await using var table = await StartAsync();
        await RunAsync($"INSERT INTO {table.Name} VALUES (1)");
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };

        var thrown = await Record.ExceptionAsync(() => CommitAsync(commit, async (connection, transaction, token) =>
        {
            await table.Insert(2)(connection, transaction, token);
            var command = connection.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction, $"SELECT x FROM {table.Name}");
            Assert.True(await (await command.ExecuteReaderAsync(token)).ReadAsync(token));
        }));

        Assert.True(thrown is null or DbException, $"It is no error of the write: {thrown}");
        Assert.Equal(thrown is null, await RowAsync("a") is not null);
        Assert.Equal(thrown is null, await CheckpointAsync("reader") is not null);
        Assert.Equal(thrown is null ? "1 2" : "1", await ReadAsync(Sql, table));
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(new ModelCommit(Put("b")), table.Insert(3)));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_is_rolled_back()
    {
        await using var table = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Sql.CommitAsync(
            commit,
            async (connection, transaction, token) =>
            {
                await table.Insert(1)(connection, transaction, token);
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            cancellation.Token));

        Assert.Null(await RowAsync("a"));
        Assert.Null(await CheckpointAsync("reader"));
        Assert.Equal("", await ReadAsync(Sql, table));
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit, table.Insert(1)));
    }

    [Fact]
    public async Task Nothing_is_seen_by_others_before_the_write_has_returned()
    {
        await using var table = await StartAsync();
        var other = await OtherSqlAsync();
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5, epoch: 1) };

        await CommitAsync(commit, async (connection, transaction, token) =>
        {
            await table.Insert(1)(connection, transaction, token);
            Assert.Null(await RowAsync("a", other));
            Assert.Null(await other.ReadCheckpointAsync("reader", default, token));
        });

        Assert.NotNull(await RowAsync("a", other));
    }

    [Fact]
    public async Task What_is_left_in_the_session_is_not_there_for_the_next_write()
    {
        await using var table = await StartAsync();
        var failing = new InvalidOperationException();

        // Each would fail on a connection that has the table already.
        for (var round = 0; round < 3; round++)
        {
            await CommitAsync(new ModelCommit(), LeaveAsync);
            var thrown = await Record.ExceptionAsync(() => CommitAsync(
                new ModelCommit(),
                async (connection, transaction, token) =>
                {
                    await LeaveAsync(connection, transaction, token);
                    throw failing;
                }));
            Assert.Same(failing, thrown);
        }

        static Task LeaveAsync(DbConnection connection, DbTransaction transaction, CancellationToken token) =>
            ExecuteAsync(connection, transaction, "CREATE TEMPORARY TABLE left_over (x integer)", token);
    }

    [Fact]
    public async Task Of_several_owners_that_write_at_once_from_one_position_one_does()
    {
        const int rounds = 10;
        await using var table = await StartAsync();
        ISqlModelStore[] stores = [Sql, await OtherSqlAsync()];
        for (var round = 0; round < rounds; round++)
        {
            var (from, to) = (round, round + 1);
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(at => Task.Run(
                async () => await stores[at % 2].CommitAsync(
                    new ModelCommit { Advance = Move("raced", from, to, epoch: 1) },
                    table.Insert((from * 4) + at), Token),
                Token)));
            Assert.Single(outcomes, static one => one == ModelCommitOutcome.Committed);
            Assert.Equal(round + 1, (await ReadAsync(Sql, table)).Split(' ').Length);
        }
    }

    private async Task<OwnTable> StartAsync()
    {
        var table = await CreateOwnTableAsync();
        await CreateAsync(Orders);
        return table;
    }

    private async Task<ModelCommitOutcome> CommitAsync(ModelCommit commit, SqlModelWrite write) =>
        await Sql.CommitAsync(commit, write, Token);

    private async Task AdvanceAsync(long from, long to, long epoch) => Assert.Equal(
        ModelCommitOutcome.Committed, await CommitAsync(new ModelCommit { Advance = Move("reader", from, to, epoch) }));

    private static Task Unwanted(DbConnection connection, DbTransaction transaction, CancellationToken token)
    {
        Assert.Fail("The write was called, though nothing of the commit is to land.");
        return Task.CompletedTask;
    }
}
