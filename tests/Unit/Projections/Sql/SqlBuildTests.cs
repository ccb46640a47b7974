using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Projections.Sql;

/// <summary>A new version resets the tables of an SQL projection once, and no earlier code writes afterwards.</summary>
public sealed class SqlBuildTests
{
    private const int Partitions = 3;

    private static CancellationToken Token => SqlLog.Token;

    [Fact]
    public async Task A_new_version_resets_the_tables_once_among_all_partitions_of_two_silos_and_begins_anew()
    {
        await using var log = new SqlLog(Partitions);
        await AppendAsync(log, 60);
        var (old, later) = (new DepositsTable(), new DoubledDepositsTable());
        await StartAndPassAsync(log, await log.OpenAsync(), old);
        Assert.Equal([60L], log.Sql("SELECT sum(total) FROM deposits"));

        IReadOnlyList<LossyModels> silos = [await log.OpenAsync(), await log.OpenAsync()];
        var workers = await Task.WhenAll(
            from silo in silos from at in Enumerable.Range(0, Partitions) select log.StartAsync(silo, later, at));
        await FollowedLog.UntilAsync(async () => await IsAtEndAsync(log, silos[0], "deposits_s2"));

        Assert.Equal([120L], log.Sql("SELECT sum(total) FROM deposits"));
        Assert.Equal("1 2", log.Resets());
        Assert.Equal(1, later.Resets);
        Assert.DoesNotContain(await silos[0].ReadCheckpointsAsync(Token), static one => one.Name == "deposits_s1");
        Assert.All(workers, static one => Assert.NotEqual(ReaderState.Stopped, one.Worker.Progress.State));
    }

    [Fact]
    public async Task A_worker_of_the_old_version_that_is_about_to_commit_when_the_tables_are_reset_commits_no_more()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1, 1, 1);
        var (models, others) = (await log.OpenAsync(), await log.OpenAsync());
        var (reached, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        models.OnCommit = async commit =>
        {
            if (commit.Advance?.Move.To.Value != 4) return;
            reached.TrySetResult();
            await released.Task.WaitAsync(FollowedLog.Patience, Token);
        };
        var (first, ended) = await log.StartAsync(models, new DepositsTable());
        await log.PassedAsync(first);
        await log.AppendAsync("s", 1);
        await reached.Task.WaitAsync(FollowedLog.Patience, Token);

        // After the reset, and before the old checkpoint is deleted, without which the commit would fail anyway.
        others.OnDelete = async () =>
        {
            released.TrySetResult();
            await Assert.ThrowsAsync<WorkerOvertakenException>(() => ended.WaitAsync(FollowedLog.Patience, Token));
        };
        var (second, _) = await log.StartAsync(others, new DoubledDepositsTable());
        await log.PassedAsync(second);

        Assert.True(released.Task.IsCompleted);
        Assert.Equal("s=8/4", log.Rows());
    }

    [Fact]
    public async Task A_worker_of_the_old_version_that_commits_all_the_time_does_not_keep_the_new_one_from_its_turn()
    {
        await using var log = new SqlLog();
        for (var i = 0; i < 200; i++) await log.AppendAsync("s", 1);
        var (models, others) = (await log.OpenAsync(), await log.OpenAsync());
        var (started, old) = (new TaskCompletionSource(), new DepositsTable());
        old.OnApplied = _ =>
        {
            started.TrySetResult();
            return Task.CompletedTask;
        };
        var (_, ended) = await log.StartAsync(models, old);
        await started.Task.WaitAsync(FollowedLog.Patience, Token);
        var (second, _) = await log.StartAsync(others, new DoubledDepositsTable());
        await log.PassedAsync(second);
        await log.AppendAsync("s", 1);
        await log.PassedAsync(second);

        await Assert.ThrowsAsync<WorkerOvertakenException>(() => ended.WaitAsync(FollowedLog.Patience, Token));
        Assert.Equal("s=402/201", log.Rows());
        Assert.Equal("1 2", log.Resets());
    }

    [Fact]
    public async Task Code_of_an_earlier_version_is_not_run_and_its_worker_ends()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1);
        var models = await log.OpenAsync();
        var (builds, old) = (log.BuildsOf(models), SqlLog.Register(new DepositsTable()));
        var build = (await builds.FindAsync(old, Token))!;
        await StartAndPassAsync(log, models, new DoubledDepositsTable(), partitions: 1);

        Assert.Null(await builds.FindAsync(old, Token));
        Assert.Null(await builds.RebuildAsync(old, Token));
        await Assert.ThrowsAsync<WorkerOvertakenException>(
            async () => await builds.PrepareAsync(old, build, default, Token));
        Assert.Equal("2", log.Resets());
    }

    [Fact]
    public async Task A_rebuild_resets_the_tables_once_and_applies_everything_anew()
    {
        await using var log = new SqlLog(Partitions);
        await AppendAsync(log, 30);
        var (models, table) = (await log.OpenAsync(), new DepositsTable());
        await StartAndPassAsync(log, models, table);
        log.Sql("UPDATE deposits SET total = 1000");

        var build = await log.BuildsOf(models).RebuildAsync(SqlLog.Register(table), Token);
        Assert.Equal("deposits_s1_2", build!.NameOf("deposits"));
        await Task.WhenAll(Enumerable.Range(0, Partitions).Select(at => log.StartAsync(models, table, at)));
        await FollowedLog.UntilAsync(async () => await IsAtEndAsync(log, models, "deposits_s1_2"));

        Assert.Equal([30L], log.Sql("SELECT sum(total) FROM deposits"));
        Assert.Equal("1 1", log.Resets());
    }

    [Fact]
    public async Task A_reset_that_throws_changes_nothing_stops_the_reader_and_is_tried_again_when_it_is_resumed()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1);
        var models = await log.OpenAsync();
        await StartAndPassAsync(log, models, new DepositsTable(), partitions: 1);
        var later = new DoubledDepositsTable { OnReset = static () => throw new TimeoutException("Not now.") };
        var (worker, _) = await log.StartAsync(models, later);
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Stopped));
        Assert.Equal("TimeoutException: Not now.", worker.Progress.LastError);
        Assert.Equal("s=1/1", log.Rows());
        Assert.Equal("1", log.Resets());

        later.OnReset = null;
        worker.Steer();
        await log.PassedAsync(worker);
        Assert.Equal("s=2/1", log.Rows());
        Assert.Equal("1 2", log.Resets());
    }

    [Fact]
    public async Task Where_the_reset_of_a_new_version_throws_the_code_of_the_one_before_goes_on()
    {
        await using var log = new SqlLog(Partitions);
        await AppendAsync(log, 30);
        var (models, old) = (await log.OpenAsync(), new DepositsTable());
        await StartAndPassAsync(log, models, old);
        var later = new DoubledDepositsTable { OnReset = static () => throw new TimeoutException("Not now.") };
        var (stopped, _) = await log.StartAsync(models, later);
        await FollowedLog.UntilAsync(() => Task.FromResult(stopped.Progress.State == ReaderState.Stopped));

        await AppendAsync(log, 30);
        await StartAndPassAsync(log, models, old);
        Assert.Equal([60L], log.Sql("SELECT sum(total) FROM deposits"));

        later.OnReset = null;
        stopped.Steer();
        await log.PassedAsync(stopped);
        await StartAndPassAsync(log, models, later);
        Assert.Equal([120L], log.Sql("SELECT sum(total) FROM deposits"));
        Assert.Equal("1 2", log.Resets());
    }

    [Fact]
    public async Task The_old_version_holds_the_log_back_until_the_new_one_has_a_checkpoint()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1);
        var (models, held) = (await log.OpenAsync(), new List<bool>());
        await StartAndPassAsync(log, models, new DepositsTable(), partitions: 1);
        models.OnCommit = async commit =>
        {
            if (commit.Advance?.Move is not { Name: "deposits_s2", To.Value: 0 }) return;
            held.Add(await models.ReadCheckpointAsync("deposits_s1", default, Token) is not null);
        };
        await StartAndPassAsync(log, models, new DoubledDepositsTable(), partitions: 1);

        Assert.Equal([true], held);
        Assert.Null(await models.ReadCheckpointAsync("deposits_s1", default, Token));
    }

    [Fact]
    public async Task The_checkpoint_of_a_stored_projection_of_that_name_and_version_is_neither_taken_over_nor_deleted()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1, 1);
        var (models, table) = (await log.OpenAsync(), SqlLog.Register(new DepositsTable()));
        var stored = log.BuildsOf(models).Define(table, (await log.BuildsOf(models).FindAsync(table, Token))!) with
        {
            Name = "deposits_v1", PrepareAsync = null, TakenOverAsync = null,
            CreateHandler = static _ => new Passing(),
        };
        await log.PassedAsync(log.Start(models, stored).Worker);

        await StartAndPassAsync(log, models, new DepositsTable(), partitions: 1);
        Assert.Equal("s=2/2", log.Rows());
        await StartAndPassAsync(log, models, new DoubledDepositsTable(), partitions: 1);
        Assert.Equal("s=4/2", log.Rows());
        Assert.Equal(2, (await models.ReadCheckpointAsync("deposits_v1", default, Token))?.Position.Value);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task A_reset_that_fails_or_whose_answer_is_lost_lands_once(int before, int after)
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1);
        var models = await log.OpenAsync();
        var commits = 0;
        models.OnCommit = _ =>
        {
            if (++commits == 2) (models.FailBefore, models.FailAfter) = (before, after);
            return Task.CompletedTask;
        };
        var (worker, _) = await log.StartAsync(models, new DepositsTable());
        await log.PassedAsync(worker);

        Assert.Equal("s=1/1", log.Rows());
        Assert.Equal("1", log.Resets());
    }

    private static async Task AppendAsync(SqlLog log, int count)
    {
        for (var i = 0; i < count; i++) await log.AppendAsync($"s{i}", 1);
    }

    private static async Task StartAndPassAsync(
        SqlLog log, LossyModels models, DepositsTable table, int partitions = Partitions)
    {
        for (var at = 0; at < partitions; at++)
            await log.PassedAsync((await log.StartAsync(models, table, at)).Worker, at);
    }

    private static async Task<bool> IsAtEndAsync(SqlLog log, LossyModels models, string reader)
    {
        for (var at = 0; at < Partitions; at++)
        {
            var start = LogPosition.StartOf(new LogPartition(at));
            var end = (await log.Events.ReadLogAsync(start, LogFilter.All, 1, Token)).End;
            var found = await models.ReadCheckpointAsync(reader, new LogPartition(at), Token);
            if ((found?.Position ?? GlobalPosition.Zero) < end) return false;
        }

        return true;
    }

    private sealed class Passing : ILogHandler
    {
        public ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken) =>
            ValueTask.FromResult(HandledEvents.Nothing);

        public void OnCommitted()
        {
            // Nothing is remembered.
        }
    }
}
