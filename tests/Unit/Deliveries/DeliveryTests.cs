using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>What a durable subscription hands out, and to whom.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task Of_each_stream_one_event_is_handed_out_at_a_time_in_their_order()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        for (var version = 1; version <= 3; version++)
        {
            var events = await log.SomeAsync(2);
            Assert.Equal([$"s0:{version}", $"s1:{version}"], DeliveredLog.Named(events));
            Assert.Empty(await log.NextAsync());
            Assert.Empty(await log.AckAsync(events));
        }

        await log.PassedAsync();
        Assert.Empty(await log.NextAsync());
        Assert.Empty(await log.ReadDeliveriesAsync());
    }

    [Fact]
    public async Task A_leased_event_holds_back_its_stream_and_no_other()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        var first = await log.SomeAsync(2);
        await log.AckAsync(first[1]);
        Assert.Equal(["s1:2"], DeliveredLog.Named(await log.SomeAsync()));
        Assert.Empty(await log.NextAsync());
    }

    [Fact]
    public async Task No_more_events_are_handed_out_than_asked_for()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 5);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        Assert.Equal(3, (await log.NextAsync(limit: 3)).Count);
        Assert.Equal(2, (await log.NextAsync(limit: 3)).Count);
    }

    [Fact]
    public async Task An_event_whose_lease_has_ended_is_handed_out_again_and_the_first_lease_is_none_any_more()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var first = (await log.SomeAsync()).Single();
        Assert.Equal(1, first.Try);
        log.Log.Time.Advance(DeliveredLog.Lease);
        var second = (await log.SomeAsync()).Single();

        Assert.Equal(("s0:1", 2), (DeliveredLog.Named([second]).Single(), second.Try));
        Assert.Equal([first.Lease], await log.AckAsync(first));
        Assert.Empty(await log.AckAsync(second));
        Assert.Equal(["s0:2"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task A_lease_lasts_as_long_as_the_consumer_has_asked_for()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        var first = (await log.NextAsync(lease: TimeSpan.FromHours(1))).Single();
        log.Log.Time.Advance(DeliveredLog.Lease * 2);
        Assert.Empty(await log.NextAsync());
        Assert.Empty(await log.AckAsync(first));
    }

    [Fact]
    public async Task An_acknowledgement_counts_that_comes_late_but_before_the_event_is_handed_out_again()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var first = await log.SomeAsync();
        log.Log.Time.Advance(DeliveredLog.Lease);
        Assert.Empty(await log.AckAsync(first));
        Assert.Equal(["s0:2"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task An_acknowledgement_that_is_sent_twice_is_answered_in_the_same_way()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        var events = await log.SomeAsync(2);
        Assert.Empty(await log.AckAsync(events[1]));
        Assert.Empty(await log.AckAsync(events[1]));
        Assert.Empty(await log.AckAsync(events[0]));
    }

    [Fact]
    public async Task A_refused_event_waits_longer_after_each_try()
    {
        var settings = new SubscriptionSettings { RetryDelay = TimeSpan.FromSeconds(10), Lease = DeliveredLog.Lease };
        await using var log = await DeliveredLog.StartAsync(streams: 1, settings);
        foreach (var seconds in new[] { 10, 20, 40 })
        {
            var events = await log.SomeAsync();
            Assert.Empty(await log.NackAsync(new LeaseRefusal(), events));
            log.Log.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Empty(await log.NextAsync());
            log.Log.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(4, (await log.SomeAsync()).Single().Try);
    }

    [Fact]
    public async Task A_consumer_can_say_how_long_a_refused_event_waits()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var events = await log.SomeAsync();
        await log.NackAsync(new LeaseRefusal { Delay = TimeSpan.Zero }, events);
        Assert.Equal(2, (await log.SomeAsync()).Single().Try);
        Assert.Equal(events.Select(static one => one.Lease), await log.NackAsync(new LeaseRefusal(), events));
    }

    [Fact]
    public async Task A_paused_subscription_hands_out_nothing_and_takes_acknowledgements()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        var events = await log.SomeAsync(2);
        await log.SetPausedAsync(true);
        Assert.Empty(await log.AckAsync(events));
        Assert.Empty(await log.NextAsync());
        await log.SetPausedAsync(false);
        Assert.Equal(["s0:2", "s1:2"], DeliveredLog.Named(await log.SomeAsync(2)));
    }

    [Fact]
    public async Task What_is_recorded_later_is_handed_out_and_a_waiting_consumer_is_woken()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        Assert.Empty(await log.NextAsync());
        var woken = log.Desk.WaitUntilReadyAsync(TimeSpan.FromMinutes(1), FollowedLog.Token);
        Assert.False(woken.IsCompleted);
        await log.Log.AppendAsync("late", "1");
        await woken.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        Assert.Equal(["late:1"], DeliveredLog.Named(await log.NextAsync()));
    }

    [Fact]
    public async Task Memory_is_bounded_while_the_first_event_is_not_acknowledged()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        for (var i = 0; i < DeliveryWindow.CountMax + 10; i++) await log.Log.AppendAsync($"s{i}", "1");
        var events = await log.SomeAsync(DeliveryWindow.CountMax);
        Assert.Equal(DeliveryWindow.CountMax, events.Count);
        await log.AckAsync(events.Skip(1));
        Assert.Empty(await log.NextAsync());
        await log.AckAsync(events.Take(1));
        Assert.Equal(10, (await log.SomeAsync(10)).Count);
    }

    [Fact]
    public async Task A_refused_lease_is_none_any_more()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var events = await log.SomeAsync();
        Assert.Empty(await log.NackAsync(new LeaseRefusal { Delay = TimeSpan.FromMinutes(2) }, events));
        Assert.Single(await log.AckAsync(events));
        log.Log.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["s0:1"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task A_refusal_counts_that_comes_late_but_before_the_event_is_handed_out_again()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var events = await log.SomeAsync();
        log.Log.Time.Advance(DeliveredLog.Lease);
        Assert.Empty(await log.NackAsync(new LeaseRefusal { Park = true, Reason = "late" }, events));
        Assert.Contains("late", (await log.Log.ReadParkedAsync()).Single().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_was_removed_since_it_was_read_is_handed_out_as_what_is_left_of_it()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        await log.Log.ClearAsync("s0");
        var handed = (await log.SomeAsync()).Single();
        Assert.True(handed.Event.IsTombstone);
        Assert.True(handed.Event.Payload.IsEmpty);
    }

    [Fact]
    public async Task An_event_that_was_removed_is_passed_over_where_the_filter_does_not_take_what_is_left()
    {
        var settings = new SubscriptionSettings { Lease = DeliveredLog.Lease, Types = ["test.happened"] };
        await using var log = await DeliveredLog.StartAsync(streams: 1, settings);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        await log.Log.ClearAsync("s0");
        await log.Log.AppendAsync("s1", "new");
        Assert.Equal(["s1:1"], DeliveredLog.Named(await log.SomeAsync()));
    }

    [Fact]
    public async Task A_delay_that_is_doubled_often_stays_within_its_bound()
    {
        var settings = new SubscriptionSettings
        {
            RetryDelay = SubscriptionSettings.RetryDelayMax, Lease = DeliveredLog.Lease, TriesMax = 100,
        };
        await using var log = await DeliveredLog.StartAsync(streams: 1, settings);
        for (var tries = 1; tries <= 70; tries++)
        {
            var events = await log.SomeAsync();
            Assert.Equal(tries, events.Single().Try);
            Assert.Empty(await log.NackAsync(new LeaseRefusal(), events));
            log.Log.Time.Advance(SubscriptionSettings.RetryDelayMax);
        }
    }

    [Fact]
    public async Task A_long_reason_is_cut_between_two_characters()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        var reason = new string('x', LeaseRefusal.ReasonLengthMax - 1) + "\U0001F600 and more";
        Assert.Empty(await log.NackAsync(new LeaseRefusal { Reason = reason, Park = true }, await log.SomeAsync()));
        var error = (await log.Log.ReadParkedAsync()).Single().Error;
        Assert.EndsWith("xx", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\ud800")]
    [InlineData("a\0b")]
    public async Task A_reason_that_is_no_text_is_taken_all_the_same(string reason)
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        Assert.Empty(await log.NackAsync(new LeaseRefusal { Reason = reason, Park = true }, await log.SomeAsync()));
        Assert.Single(await log.Log.ReadParkedAsync());
    }
}
