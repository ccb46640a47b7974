using System.Text;
using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>What holds when workers of one partition follow each other, or believe that they both own it.</summary>
public sealed class DeliveryTakeOverTests
{
    [Fact]
    public async Task What_was_acknowledged_is_not_handed_out_again_and_what_is_leased_not_before_its_time()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 3);
        var events = await log.SomeAsync(3);
        await log.AckAsync(events[1]);
        log.StartWorker();

        Assert.Equal(["s1:2"], DeliveredLog.Named(await log.SomeAsync()));
        Assert.Empty(await log.NextAsync());
        log.Log.Time.Advance(DeliveredLog.Lease);
        var again = await log.SomeAsync(3);
        Assert.Equal(["s0:1", "s1:2", "s2:1"], DeliveredLog.Named(again).Order());
        Assert.All(again, static one => Assert.Equal(2, one.Try));
    }

    [Fact]
    public async Task A_lease_of_the_worker_before_can_be_answered()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var events = await log.SomeAsync();
        log.StartWorker();
        Assert.Empty(await log.AckAsync(events));
        Assert.Equal(["s0:2"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task A_leased_event_that_is_removed_holds_back_its_stream_until_it_is_answered()
    {
        var settings = new SubscriptionSettings { Lease = DeliveredLog.Lease, Types = ["test.happened"] };
        await using var log = await DeliveredLog.StartAsync(streams: 1, settings);
        var events = await log.SomeAsync();
        await log.Log.ClearAsync("s0");
        await log.Log.AppendAsync("s0", "new");
        log.StartWorker();
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        Assert.Empty(await log.NextAsync());
        Assert.Empty(await log.AckAsync(events));
        Assert.Equal("\"new\"", Encoding.UTF8.GetString((await log.SomeAsync()).Single().Event.Payload.Span));
    }

    [Fact]
    public async Task A_worker_that_was_overtaken_hands_out_nothing_and_takes_no_answer()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        var events = await log.SomeAsync(2);
        var (before, beforeRunning) = (log.Worker, log.Running);
        log.StartWorker();
        await log.AckAsync(events[0]);

        var late = before.Desk!.EndAsync(
            [LeaseName.Parse(events[1].Lease, 1)], null, FollowedLog.Token);
        await Assert.ThrowsAsync<SubscriptionUnavailableException>(
            () => late.WaitAsync(FollowedLog.Patience, FollowedLog.Token));
        await Assert.ThrowsAsync<WorkerOvertakenException>(
            () => beforeRunning.WaitAsync(FollowedLog.Patience, FollowedLog.Token));
        Assert.Equal(["s0:2"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task Of_two_workers_that_take_over_in_one_epoch_only_one_commits()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        DeliveryOwner[] owners =
            [new(log.Log.Models, log.Definition, default), new(log.Log.Models, log.Definition, default)];
        foreach (var one in owners) await one.LoadAsync(FollowedLog.Token);
        var outcomes = new List<ModelCommitOutcome>();
        foreach (var one in owners)
            outcomes.Add(await log.Log.Models.CommitAsync(new ModelCommit(one.ToPut()), FollowedLog.Token));
        Assert.Equal([ModelCommitOutcome.Committed, ModelCommitOutcome.RowsChanged], outcomes);

        // The worker finds that another one has committed, reads everything again, and goes on.
        await Assert.ThrowsAsync<StoreUnavailableException>(() => log.NextAsync());
        var events = await log.SomeAsync();
        Assert.Empty(await log.AckAsync(events));
    }

    [Fact]
    public async Task A_window_that_was_larger_before_is_worked_off_without_reading_on()
    {
        var settings = new SubscriptionSettings { Categories = ["test"], Lease = DeliveredLog.Lease };
        await using var log = await DeliveredLog.StartAsync(streams: 0, settings);
        for (var at = 0; at < DeliveryWindow.CountMax + 10; at++) await log.Log.AppendAsync($"s{at}", "1");
        var events = await log.SomeAsync(DeliveryWindow.CountMax);
        await log.AckAsync(events.Skip(1));
        log.StartWorker();
        Assert.Empty(await log.NextAsync());
        await log.AckAsync(events[0]);
        Assert.Equal(10, (await log.SomeAsync(10)).Count);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(6, 0)]
    [InlineData(0, 6)]
    public async Task A_commit_that_fails_or_whose_answer_is_lost_hands_out_nothing_twice(int before, int after)
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        var events = await log.SomeAsync(2);
        (log.Log.Models.FailBefore, log.Log.Models.FailAfter) = (before, after);
        var acked = await AckUntilItIsKnownAsync(log, events);
        Assert.Empty(acked);
        Assert.Equal(["s0:2", "s1:2"], DeliveredLog.Named(await log.SomeAsync(2)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_subscription_whose_checkpoint_is_gone_stops_and_skips_nothing(bool startsAtEnd)
    {
        var settings = new SubscriptionSettings { Lease = DeliveredLog.Lease, StartsAtEnd = startsAtEnd };
        await using var log = await DeliveredLog.StartAsync(streams: 0, settings);
        await log.Log.Models.DeleteCheckpointsAsync("mailer", FollowedLog.Token);
        await log.Log.AppendAsync("s0", "1");
        log.StartWorker();
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Stopped));
        Assert.Contains(nameof(CheckpointDeletedException), log.Worker.Progress.LastError, StringComparison.Ordinal);
        Assert.Null(await log.Log.Models.ReadCheckpointAsync("mailer", default, FollowedLog.Token));
    }

    [Fact]
    public async Task An_event_that_an_older_copy_of_the_log_has_not_is_not_taken_for_one_that_was_removed()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        for (var at = 0; at < DeliveryWindow.CountMax; at++) await log.Log.AppendAsync($"s{at}", "1");
        var events = await log.SomeAsync(DeliveryWindow.CountMax);
        log.Log.Events = new MemoryEventStore(1, new MemorySnapshotStore());
        await log.Log.Events.InitializeAsync(FollowedLog.Token);
        await log.NackAsync(new LeaseRefusal { Delay = TimeSpan.Zero }, events[0]);
        await Assert.ThrowsAsync<LogReplacedException>(() => log.NextAsync());
        var states = (await log.ReadDeliveriesAsync()).Select(static one => DeliveryEntry.Parse(one).State);
        Assert.DoesNotContain(DeliveryState.Done, states);
    }

    // As a consumer does whose answer is lost: it answers again.
    private static async Task<IReadOnlyList<string>> AckUntilItIsKnownAsync(
        DeliveredLog log, IReadOnlyList<Delivery> events)
    {
        IReadOnlyList<string>? lapsed = null;
        await FollowedLog.UntilAsync(async () =>
        {
            try
            {
                lapsed = await log.AckAsync(events);
                return true;
            }
            catch (GranaryException)
            {
                return false;
            }
        });

        // One that had landed before its answer was lost is over, and not a lease any more.
        return lapsed!.Count == events.Count ? [] : lapsed;
    }
}
