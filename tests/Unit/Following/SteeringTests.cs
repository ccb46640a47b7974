using Granary.Runtime;

namespace Granary.Tests.Unit.Following;

/// <summary>A reader is paused, bounded and stopped, and goes on where it was.</summary>
public sealed class SteeringTests
{
    private static CancellationToken Token => FollowedLog.Token;

    [Fact]
    public async Task A_paused_reader_handles_nothing_until_it_is_resumed_also_after_a_restart()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        var settings = new ReaderSettings(log.Models);
        await settings.ChangeAsync("counter", static one => one with { Paused = true }, Token);
        await log.AppendAsync("s", "one");
        var (worker, _) = log.Start();
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Paused));
        Assert.Empty(await ReadRowsAsync(log));

        await settings.ChangeAsync("counter", static one => one with { Paused = false }, Token);
        worker.Steer();
        await log.PassedAsync(worker);
        Assert.Equal(1, (await log.ReadCountsAsync())["s"]);
    }

    [Fact]
    public async Task A_running_reader_that_is_paused_ends_its_session()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("s", "one");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        await new ReaderSettings(log.Models).ChangeAsync("counter", static one => one with { Paused = true }, Token);
        worker.Steer();
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Paused));
        await log.AppendAsync("s", "two");

        Assert.Equal(1, (await log.ReadCountsAsync())["s"]);
    }

    [Fact]
    public async Task What_is_asked_of_a_reader_is_done_also_where_it_is_not_notified()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("s", "one");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        await new ReaderSettings(log.Models).ChangeAsync("counter", static one => one with { Paused = true }, Token);
        await FollowedLog.UntilAsync(() =>
        {
            log.Time.Advance(WorkerSession.WaitMax);
            return Task.FromResult(worker.Progress.State == ReaderState.Paused);
        });
    }

    [Fact]
    public async Task A_bounded_reader_stops_exactly_at_its_bound()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        for (var i = 0; i < 20; i++) await log.AppendAsync("s", "one");
        var settings = new ReaderSettings(log.Models);
        var until = new Dictionary<int, long> { [0] = 13 };
        await settings.ChangeAsync("counter", one => one with { Until = until }, Token);
        var (worker, _) = log.Start();
        await worker.Progress.WaitAsync(new GlobalPosition(13), Token).WaitAsync(FollowedLog.Patience, Token);
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Live));
        Assert.Equal(13, worker.Progress.Position.Value);
        Assert.Equal(13, (await log.ReadCountsAsync())["s"]);

        await settings.ChangeAsync("counter", static one => one with { Until = null }, Token);
        worker.Steer();
        await log.PassedAsync(worker);
        Assert.Equal(20, (await log.ReadCountsAsync())["s"]);
    }

    [Theory]
    [InlineData("shorter")]
    [InlineData("other events")]
    [InlineData("other store")]
    public async Task A_log_that_was_replaced_stops_the_reader_and_is_not_skipped(string how)
    {
        await using var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("s", "one", "two", "three");
        var (first, _) = log.Start();
        await log.PassedAsync(first);

        if (how == "other store") log.StoreId = new Guid(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
        else
        {
            log.Events = new MemoryEventStore(1, new MemorySnapshotStore());
            for (var i = how == "shorter" ? 1 : 0; i < 3; i++) await log.AppendAsync("s", "another");
        }

        var (worker, _) = log.Start();
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Stopped));
        Assert.Contains(nameof(LogReplacedException), worker.Progress.LastError, StringComparison.Ordinal);
        Assert.Equal(3, (await log.ReadCountsAsync())["s"]);
    }

    [Fact]
    public async Task A_log_that_is_replaced_by_a_shorter_one_stops_the_reader_that_runs()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("s", "one", "two", "three");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        log.Events = new MemoryEventStore(1, new MemorySnapshotStore());
        await log.AppendAsync("s", "another");
        await FollowedLog.UntilAsync(() =>
        {
            log.Time.Advance(WorkerSession.WaitMax);
            return Task.FromResult(worker.Progress.State == ReaderState.Stopped);
        });

        Assert.Contains(nameof(LogReplacedException), worker.Progress.LastError, StringComparison.Ordinal);
        Assert.Equal(3, (await log.ReadCountsAsync())["s"]);
    }

    private static async Task<IReadOnlyList<ModelRow>> ReadRowsAsync(FollowedLog log)
    {
        await log.Models.CreateTableAsync(FollowedLog.Counts, Token);
        return await log.Models.ReadAsync(FollowedLog.Counts, ["s"], Token);
    }
}
