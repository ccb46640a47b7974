using Granary.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Tests.Unit.Following;

/// <summary>What a reader's worker does with the log: every event once, in order, and nothing skipped.</summary>
public sealed class LogWorkerTests
{
    private static CancellationToken Token => FollowedLog.Token;

    [Fact]
    public async Task Every_event_is_handled_once_those_recorded_before_and_those_after()
    {
        await using var log = await StartedAsync();
        for (var i = 0; i < 25; i++) await log.AppendAsync($"s{i % 7}", "one");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        for (var i = 0; i < 25; i++) await log.AppendAsync($"s{i % 7}", "two");
        await log.PassedAsync(worker);
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Live));

        var counts = await log.ReadCountsAsync();
        Assert.Equal(50, counts.Values.Sum());
        Assert.Equal(8, counts["s0"]);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(6, 0)]
    [InlineData(0, 6)]
    public async Task A_commit_that_fails_or_whose_answer_is_lost_neither_skips_nor_doubles(int before, int after)
    {
        await using var log = await StartedAsync();
        for (var i = 0; i < 30; i++) await log.AppendAsync($"s{i % 3}", "one");
        var commits = 0;
        log.Models.OnCommit = commit =>
        {
            if (++commits == 2) (log.Models.FailBefore, log.Models.FailAfter) = (before, after);
            return Task.CompletedTask;
        };
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);

        Assert.Equal([10, 10, 10], (await log.ReadCountsAsync()).Values);
    }

    [Fact]
    public async Task Of_two_workers_of_one_partition_the_earlier_ends_and_both_together_handle_every_event_once()
    {
        await using var log = await StartedAsync();
        for (var i = 0; i < 40; i++) await log.AppendAsync($"s{i % 4}", "one");
        var reached = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        log.Models.OnCommit = async commit =>
        {
            if (commit.Advance?.Move is not { Epoch: 1, From.Value: 10 }) return;
            reached.TrySetResult();
            await released.Task;
        };
        var (_, first) = log.Start();
        await reached.Task.WaitAsync(FollowedLog.Patience, Token);
        var (second, _) = log.Start();
        await log.PassedAsync(second);
        released.SetResult();

        await Assert.ThrowsAsync<WorkerOvertakenException>(() => first.WaitAsync(FollowedLog.Patience, Token));
        Assert.Equal([10, 10, 10, 10], (await log.ReadCountsAsync()).Values);
    }

    [Fact]
    public async Task A_row_that_another_writer_has_changed_is_read_again()
    {
        await using var log = await StartedAsync();
        await log.AppendAsync("s", "one");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        var disturbed = false;
        log.Models.OnCommit = async commit =>
        {
            if (disturbed || commit.Writes is not [{ Table.Name: "counts" }]) return;
            disturbed = true;
            var row = (await log.Models.ReadAsync(FollowedLog.Counts, ["s"], Token)).Single();
            var other = new ModelCommit(ModelWrite.Put(FollowedLog.Counts, "s", row, "100"u8.ToArray(), []));
            Assert.Equal(ModelCommitOutcome.Committed, await log.Models.CommitAsync(other, Token));
        };
        await log.AppendAsync("s", "two");
        await log.PassedAsync(worker);

        Assert.Equal(101, (await log.ReadCountsAsync())["s"]);
    }

    [Fact]
    public async Task A_lost_signal_delays_and_loses_nothing()
    {
        await using var log = await StartedAsync();
        var deaf = new DeafTail();
        var (worker, _) = log.Start(tail: deaf);
        await deaf.WaitedAsync();
        await log.AppendAsync("s", "one");
        Assert.Equal(0, worker.Progress.Position.Value);

        log.Time.Advance(WorkerSession.WaitMax);
        await log.PassedAsync(worker);
        Assert.Equal(1, (await log.ReadCountsAsync())["s"]);
    }

    [Fact]
    public async Task A_reader_that_starts_at_the_end_handles_what_is_recorded_afterwards_alone()
    {
        await using var log = await StartedAsync();
        await log.AppendAsync("s", "one", "two");
        var (worker, _) = log.Start(log.Define(startsAtEnd: true));
        await log.PassedAsync(worker);
        await log.AppendAsync("s", "three");
        await log.PassedAsync(worker);

        Assert.Equal(1, (await log.ReadCountsAsync())["s"]);
    }

    [Fact]
    public async Task A_position_whose_event_the_filter_does_not_take_is_kept_with_that_events_id()
    {
        await using var log = await StartedAsync();
        await log.AppendAsync("s", "one", "two");
        var none = new LogFilter { EventTypes = new HashSet<string> { "other" } };
        var (worker, _) = log.Start(log.Define(none));
        await log.PassedAsync(worker);

        var last = (await log.Events.ReadLogAsync(
            new LogPosition(default, new GlobalPosition(1)), LogFilter.All, 1, Token)).Events.Single();
        var checkpoint = await log.Models.ReadCheckpointAsync("counter", default, Token);
        Assert.Equal((last.Position.Position, last.Id), (checkpoint!.Position, checkpoint.EventId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_commits_survive_a_power_failure_where_its_reader_asks_for_that(bool durable)
    {
        await using var log = await StartedAsync();
        await log.AppendAsync("s", "one");
        var commits = new List<bool>();
        log.Models.OnCommit = commit =>
        {
            commits.Add(commit.Durable);
            return Task.CompletedTask;
        };
        var (worker, _) = log.Start(log.Define() with { Durable = durable });
        await log.PassedAsync(worker);

        Assert.Equal([durable, durable], commits);
    }

    [Fact]
    public async Task A_projection_whose_checkpoint_was_deleted_stops_and_applies_no_event_twice()
    {
        await using var log = await StartedAsync();
        await log.AppendAsync("s", "one", "two");
        await log.PassedAsync(log.Start().Worker);
        await log.Models.DeleteCheckpointsAsync("counter", Token);
        await log.AppendAsync("s", "three");
        var (worker, _) = log.Start();
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Stopped));

        Assert.Contains("is deleted", worker.Progress.LastError, StringComparison.Ordinal);
        Assert.Equal(2, (await log.ReadCountsAsync())["s"]);
        Assert.Null(await log.Models.ReadCheckpointAsync("counter", default, Token));

        var reactor = log.Define() with { Kind = ReaderKind.Reactor };
        await log.PassedAsync(log.Start(reactor).Worker);
        Assert.NotNull(await log.Models.ReadCheckpointAsync("counter", default, Token));
    }

    [Fact]
    public async Task A_worker_that_has_stopped_ends_when_its_reader_is_no_more_though_nobody_says_so()
    {
        await using var log = await StartedAsync();
        log.OnRead = static () => throw new InvalidOperationException("It is broken.");
        var (worker, running) = log.Start();
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Stopped));
        log.IsDeleted = true;
        await FollowedLog.UntilAsync(() =>
        {
            log.Time.Advance(WorkerSession.WaitMax);
            return Task.FromResult(running.IsCompleted);
        });
    }

    [Fact]
    public async Task Two_readers_of_one_name_are_refused()
    {
        await using var log = new FollowedLog();
        var registry = new WorkerRegistry(
            [new Source(log.Define()), new Source(log.Define())], NullLogger<WorkerRegistry>.Instance);
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(async () => await registry.ReadAsync(Token));
        Assert.Contains("'counter'", fault.Message, StringComparison.Ordinal);
    }

    internal static async Task<FollowedLog> StartedAsync()
    {
        var log = new FollowedLog();
        await log.StartTablesAsync();
        return log;
    }

    private sealed class Source(WorkerDefinition definition) : IWorkerSource
    {
        public ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<WorkerDefinition>>([definition]);
    }

    private sealed class DeafTail : ILogTail
    {
        private readonly TaskCompletionSource _waited = new();

        public Task WaitedAsync() => _waited.Task.WaitAsync(FollowedLog.Patience, Token);

        public async ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
        {
            _waited.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return after.Position;
        }
    }
}
