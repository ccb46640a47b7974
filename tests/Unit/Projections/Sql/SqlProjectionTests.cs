using System.Data.Common;
using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Projections.Sql;

/// <summary>What user code writes in the checkpoint's transaction: every event once, whatever fails.</summary>
public sealed class SqlProjectionTests
{
    private static CancellationToken Token => SqlLog.Token;

    [Fact]
    public async Task Every_event_is_applied_once_those_recorded_before_and_those_after()
    {
        await using var log = new SqlLog();
        for (var i = 0; i < 25; i++) await log.AppendAsync($"s{i % 2}", 1);
        var (worker, _) = await log.StartAsync(await log.OpenAsync(), new DepositsTable());
        await log.PassedAsync(worker);
        await log.AppendAsync("s1", 100);
        await log.PassedAsync(worker);

        Assert.Equal("s0=13/13 s1=112/13", log.Rows());
        Assert.Equal("1", log.Resets());
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(6, 0)]
    [InlineData(0, 6)]
    public async Task A_commit_that_fails_or_whose_answer_is_lost_neither_skips_nor_doubles(int before, int after)
    {
        await using var log = new SqlLog();
        for (var i = 0; i < 30; i++) await log.AppendAsync("s", 1);
        var models = await log.OpenAsync();
        var isDone = false;
        models.OnCommit = commit =>
        {
            if (isDone || commit.Advance?.Move.From.Value != 10) return Task.CompletedTask;
            (isDone, models.FailBefore, models.FailAfter) = (true, before, after);
            return Task.CompletedTask;
        };
        var (worker, _) = await log.StartAsync(models, new DepositsTable());
        await log.PassedAsync(worker);

        Assert.True(isDone);
        Assert.Equal("s=30/30", log.Rows());
    }

    [Fact]
    public async Task Of_two_workers_of_one_partition_the_earlier_ends_and_both_together_apply_every_event_once()
    {
        await using var log = new SqlLog();
        for (var i = 0; i < 40; i++) await log.AppendAsync("s", 1);
        var (models, others) = (await log.OpenAsync(), await log.OpenAsync());
        var (reached, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        models.OnCommit = async commit =>
        {
            if (commit.Advance?.Move is not { Epoch: 1, From.Value: 10 }) return;
            reached.TrySetResult();
            await released.Task.WaitAsync(FollowedLog.Patience, Token);
        };
        var (_, first) = await log.StartAsync(models, new DepositsTable());
        await reached.Task.WaitAsync(FollowedLog.Patience, Token);
        var (second, _) = await log.StartAsync(others, new DepositsTable());
        await log.PassedAsync(second);
        released.SetResult();

        await Assert.ThrowsAsync<WorkerOvertakenException>(() => first.WaitAsync(FollowedLog.Patience, Token));
        Assert.Equal("s=40/40", log.Rows());
        Assert.Equal("1", log.Resets());
    }

    [Fact]
    public async Task What_was_written_before_the_code_throws_is_rolled_back_and_the_events_come_again()
    {
        await using var log = new SqlLog();
        for (var i = 0; i < 30; i++) await log.AppendAsync($"s{i % 3}", 1);
        var (models, failures) = (await log.OpenAsync(), 0);
        var table = new DepositsTable();
        table.OnApplied = _ => failures++ < 4 ? throw new TimeoutException() : Task.CompletedTask;
        var (worker, _) = await log.StartAsync(models, table);
        await log.PassedAsync(worker);

        Assert.Equal("s0=10/10 s1=10/10 s2=10/10", log.Rows());
        Assert.Empty(await log.ReadParkedAsync(models));
    }

    [Fact]
    public async Task An_event_that_cannot_be_applied_parks_its_stream_alone_and_a_retry_applies_what_waits_once()
    {
        await using var log = new SqlLog();
        for (var i = 1; i <= 12; i++) await log.AppendAsync($"s{i % 3}", i == 5 ? 1_000 : 1);
        var models = await log.OpenAsync();
        var table = new DepositsTable { Poison = { 1_000 } };
        var (worker, _) = await log.StartAsync(models, table);
        await log.PassedAsync(worker);

        Assert.Equal("s0=4/4 s1=4/4 s2=1/1", log.Rows());
        var parked = Assert.Single(await log.ReadParkedAsync(models));
        Assert.Equal(("account/s2", 5), (parked.Stream.ToString(), parked.Position.Position.Value));
        Assert.Contains("1000 is refused.", parked.Error);

        table.Poison.Clear();
        await RetryAsync(models, parked);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync(models)).Count == 0);
        Assert.Equal("s0=4/4 s1=4/4 s2=1003/4", log.Rows());
    }

    [Fact]
    public async Task An_error_of_the_database_that_may_pass_is_no_error_of_an_event()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1);
        var (models, failures) = (await log.OpenAsync(), 0);
        var table = new DepositsTable();
        table.OnApplied = _ => failures++ < 4
            ? throw new InvalidOperationException("As EF Core wraps it.", new Deadlock())
            : Task.CompletedTask;
        var (worker, _) = await log.StartAsync(models, table);
        await log.PassedAsync(worker);

        Assert.Equal("s=1/1", log.Rows());
        Assert.Equal(5, table.Applied);
        Assert.Null(worker.Progress.LastError);
    }

    [Fact]
    public async Task An_error_of_the_database_that_may_pass_parks_no_stream_however_often_it_comes()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1);
        var (models, failures) = (await log.OpenAsync(), 0);
        var table = new DepositsTable();
        table.OnApplied = _ => failures++ < 29 ? throw new Deadlock() : Task.CompletedTask;
        var (worker, _) = await log.StartAsync(models, table);
        await log.PassedAsync(worker);

        Assert.Equal("s=1/1", log.Rows());
        Assert.Empty(await log.ReadParkedAsync(models));
    }

    [Fact]
    public async Task A_stream_that_is_cleared_is_handed_in_the_order_of_the_log_and_others_events_are_not()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1, 2);
        await log.AppendAsync("t", 5);
        var (worker, _) = await log.StartAsync(await log.OpenAsync(), new DepositsTable());
        await log.PassedAsync(worker);
        Assert.Equal("s=3/2 t=5/1", log.Rows());

        await log.ClearAsync("s");
        await log.AppendAsync("s", 7);
        await log.PassedAsync(worker);
        Assert.Equal("s=7/1 t=5/1", log.Rows());
    }

    [Fact]
    public async Task Workers_of_several_partitions_that_write_one_row_at_once_lose_nothing()
    {
        const int partitions = 3;
        await using var log = new SqlLog(partitions);
        for (var i = 0; i < 60; i++) await log.AppendAsync($"s{i}", 1);
        var table = new DepositsTable();
        var workers = new List<LogWorker>();
        for (var at = 0; at < partitions; at++)
            workers.Add((await log.StartAsync(await log.OpenAsync(), table, at)).Worker);
        for (var at = 0; at < partitions; at++) await log.PassedAsync(workers[at], at);

        Assert.Equal([60L], log.Sql("SELECT sum(total) FROM deposits"));
        Assert.Equal("1", log.Resets());
    }

    private static async Task RetryAsync(IModelStore models, ParkedStream parked)
    {
        var key = ParkedRow.KeyOf(parked.Reader, parked.Stream);
        var row = ParkedRow.Of((await models.ReadAsync(ReaderTables.Parked, [key], Token)).Single());
        var commit = new ModelCommit(ParkedRow.Put(row.Document with { Request = ParkedRequest.Retry }, row.Row));
        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
    }

    private sealed class Deadlock : DbException
    {
        public override bool IsTransient => true;
    }
}
