using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>What a worker does in a round: it takes the calls that wait, reads, commits and answers.</summary>
public sealed class DeliveryRoundTests
{
    [Fact]
    public async Task A_call_that_comes_once_a_pause_was_answered_gets_nothing()
    {
        await using var log = await LiveAsync(streams: 1);
        var (reads, goesOn) = HoldRead(log);
        await log.Log.AppendAsync("s1", "1");
        await reads.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        await new ReaderSettings(log.Log.Models).ChangeAsync(
            "mailer", static one => one with { Paused = true }, FollowedLog.Token);
        log.Worker.Steer();
        var next = log.NextAsync();
        goesOn.SetResult();
        Assert.Empty(await next);
    }

    [Fact]
    public async Task Once_a_pause_has_settled_the_calls_from_before_are_answered_and_nothing_more_is_handed_out()
    {
        await using var log = await LiveAsync(streams: 1);
        var (reads, goesOn) = HoldRead(log);
        var next = log.NextAsync();
        await reads.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        await new ReaderSettings(log.Log.Models).ChangeAsync(
            "mailer", static one => one with { Paused = true }, FollowedLog.Token);
        log.Worker.Steer();
        var settled = log.Desk.SettleAsync(FollowedLog.Token);
        Assert.False(settled.IsCompleted);
        goesOn.SetResult();
        await settled.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        Assert.Single(await next);
        Assert.Empty(await log.NextAsync());
    }

    [Fact]
    public async Task What_is_asked_of_a_worker_that_has_stopped_or_ended_needs_no_wait()
    {
        await using var log = await LiveAsync(streams: 0);
        log.Log.OnRead = static () => throw new InvalidOperationException("It is broken.");
        await log.Log.AppendAsync("s0", "1");
        await log.Desk.SettleAsync(FollowedLog.Token).WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Stopped));
        await log.Desk.SettleAsync(FollowedLog.Token).WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        log.Worker.Desk!.Close();
        await log.Worker.Desk.SettleAsync(FollowedLog.Token).WaitAsync(FollowedLog.Patience, FollowedLog.Token);
    }

    [Fact]
    public async Task A_consumer_is_woken_when_a_delay_ends_at_whatever_moment_that_is()
    {
        var settings = new SubscriptionSettings { Lease = DeliveredLog.Lease, TriesMax = 100 };
        await using var log = await DeliveredLog.StartAsync(streams: 1, settings);
        log.Log.Time.AutoAdvanceAmount = TimeSpan.FromTicks(1);
        for (var ticks = 1; ticks <= 60; ticks++)
        {
            var events = await log.SomeAsync();
            await log.NackAsync(new LeaseRefusal { Delay = TimeSpan.FromTicks(ticks) }, events);
            await log.Desk.WaitUntilReadyAsync(TimeSpan.FromMinutes(1), FollowedLog.Token)
                .WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        }
    }

    [Fact]
    public async Task Many_calls_are_answered_in_time_where_each_read_takes_its_time_and_no_round_holds_them_all()
    {
        const int calls = 600;
        await using var log = await LiveAsync(streams: 0);
        var (reads, goesOn) = HoldRead(log);
        for (var at = 0; at < calls; at++) await log.Log.AppendAsync($"s{at}", new string('x', 16 * 1024));
        await reads.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        var all = Enumerable.Range(0, calls).Select(_ => log.NextAsync(limit: 1)).ToArray();
        var leasedMax = 0;
        log.Log.Models.OnCommit = commit =>
        {
            leasedMax = Math.Max(
                leasedMax, commit.Writes.Count(static one => one.Table.Name == DeliveryTables.Deliveries.Name));
            return Task.CompletedTask;
        };
        goesOn.SetResult();
        log.Log.OnRead = () =>
        {
            log.Log.Time.Advance(TimeSpan.FromMilliseconds(20));
            return Task.CompletedTask;
        };
        var handed = (await Task.WhenAll(all)).SelectMany(static one => one);
        Assert.Equal(calls, handed.Select(static one => one.Event.Position).Distinct().Count());
        Assert.InRange(leasedMax, 1, calls - 1);
    }

    [Fact]
    public async Task A_worker_that_was_overtaken_does_not_say_that_a_lease_is_none_any_more()
    {
        await using var log = await LiveAsync(streams: 1);
        var before = log.Worker;
        log.StartWorker();
        var events = await log.SomeAsync();
        await Assert.ThrowsAsync<SubscriptionUnavailableException>(() => before.Desk!.EndAsync(
            LeaseName.Of(events), null, FollowedLog.Token).WaitAsync(FollowedLog.Patience, FollowedLog.Token));
        Assert.Empty(await log.AckAsync(events));
    }

    [Fact]
    public async Task What_is_put_back_was_no_try_and_leaves_the_lease_before_as_it_was()
    {
        await using var log = await LiveAsync(streams: 1);
        var first = await log.NextAsync();
        log.Log.Time.Advance(DeliveredLog.Lease);
        var second = await log.NextAsync();
        Assert.Equal(2, second.Single().Try);
        await log.Desk.PutBackAsync(LeaseName.Of(second), FollowedLog.Token);
        Assert.Empty(await log.AckAsync(first));
        Assert.Equal(["s0:2"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task A_worker_that_has_stopped_refuses_calls_at_once()
    {
        await using var log = await LiveAsync(streams: 1);
        log.Log.OnRead = static () => throw new InvalidOperationException("It is broken.");
        var waiting = log.NextAsync();
        await Assert.ThrowsAsync<SubscriptionUnavailableException>(() => waiting);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Stopped));
        var fault = await Assert.ThrowsAsync<SubscriptionUnavailableException>(() => log.NextAsync());
        Assert.Contains("has stopped", fault.Message, StringComparison.Ordinal);

        log.Log.OnRead = null;
        log.Worker.Steer();
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        Assert.Equal(["s0:1"], DeliveredLog.Named(await log.NextAsync()));
    }

    private static async Task<DeliveredLog> LiveAsync(int streams)
    {
        var log = await DeliveredLog.StartAsync(streams);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        return log;
    }

    // The worker's next read of the log waits, until the test lets it go on.
    private static (Task Reads, TaskCompletionSource GoesOn) HoldRead(DeliveredLog log)
    {
        var (reads, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        log.Log.OnRead = () =>
        {
            reads.TrySetResult();
            return goesOn.Task;
        };
        return (reads.Task, goesOn);
    }
}
