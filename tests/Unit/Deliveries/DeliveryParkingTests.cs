using System.Text;
using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>A stream whose event consumers cannot handle is parked, replayed, dropped.</summary>
public sealed class DeliveryParkingTests
{
    private static readonly LeaseRefusal Refusal = new() { Reason = "no such address", Delay = TimeSpan.Zero };

    [Fact]
    public async Task A_stream_is_parked_after_the_tries_and_the_others_go_on()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 2);
        for (var tries = 0; tries < 3; tries++) await log.NackAsync(Refusal, await NextOfAsync(log, "s0"));

        var parked = (await log.Log.ReadParkedAsync()).Single();
        Assert.Equal((1, 3), (parked.Version.Value, parked.Tries));
        Assert.Contains("no such address", parked.Error);
        await HandleAllAsync(log, "s1:1", "s1:2", "s1:3");
    }

    [Fact]
    public async Task A_consumer_that_never_answers_parks_the_stream_as_well()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        for (var tries = 0; tries < 3; tries++)
        {
            await log.SomeAsync();
            log.Log.Time.Advance(DeliveredLog.Lease);
        }

        await log.PassedAsync();
        Assert.Contains("without an answer", (await log.Log.ReadParkedAsync()).Single().Error);
    }

    [Fact]
    public async Task A_stream_can_be_parked_at_once()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        await log.NackAsync(Refusal with { Park = true }, await log.SomeAsync());
        await log.PassedAsync();
        Assert.Equal(1, (await log.Log.ReadParkedAsync()).Single().Tries);
    }

    [Fact]
    public async Task A_replayed_stream_is_handed_out_from_the_event_that_was_parked_in_order_and_then_goes_on()
    {
        await using var log = await ParkedAsync("s0");
        await log.RequestAsync("s0", ParkedRequest.Retry);
        await HandleAllAsync(log, "s0:1", "s0:2", "s0:3");
        await FollowedLog.UntilAsync(async () => (await log.Log.ReadParkedAsync()).Count == 0);
        await log.Log.AppendAsync("s0", "4");
        await HandleAllAsync(log, "s0:4");
        await log.PassedAsync();
        Assert.Empty(await log.ReadDeliveriesAsync());
    }

    [Fact]
    public async Task A_stream_that_is_replayed_shows_the_event_that_could_not_be_handled_and_goes_on_after_the_others()
    {
        await using var log = await ParkedAsync("s0");
        await log.RequestAsync("s0", ParkedRequest.Retry);
        await log.AckAsync(await log.SomeAsync());
        var row = (await log.Log.ReadParkedRowsAsync()).Single();
        Assert.Equal((1, 1, 2), (row.Document.Position, row.Document.Version, row.Document.First));
        log.StartWorker();
        await HandleAllAsync(log, "s0:2", "s0:3");
    }

    [Fact]
    public async Task A_replay_that_is_refused_stays_parked_with_the_new_error()
    {
        await using var log = await ParkedAsync("s0");
        await log.RequestAsync("s0", ParkedRequest.Retry);
        var first = await log.SomeAsync();
        await log.AckAsync(first);
        await log.NackAsync(new LeaseRefusal { Reason = "still not" }, await log.SomeAsync());

        var parked = (await log.Log.ReadParkedAsync()).Single();
        Assert.Equal(2, parked.Version.Value);
        Assert.Contains("still not", parked.Error);
        Assert.Empty(await log.NextAsync());
    }

    [Fact]
    public async Task The_events_of_a_dropped_stream_are_never_handed_out_and_those_after_are()
    {
        await using var log = await ParkedAsync("s0");
        await log.RequestAsync("s0", ParkedRequest.Drop);
        await FollowedLog.UntilAsync(async () => (await log.Log.ReadParkedAsync()).Count == 0);
        await log.Log.AppendAsync("s0", "4");
        await HandleAllAsync(log, "s0:4");
    }

    [Fact]
    public async Task What_was_replayed_or_dropped_stays_so_for_a_worker_that_takes_over_before_it_was_passed()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 3);
        var events = await log.SomeAsync(3);
        await log.NackAsync(Refusal with { Park = true }, events.Skip(1));
        await log.RequestAsync("s1", ParkedRequest.Retry);
        await HandleAllAsync(log, "s1:1", "s1:2", "s1:3");
        await log.RequestAsync("s2", ParkedRequest.Drop);
        await FollowedLog.UntilAsync(async () => (await log.Log.ReadParkedAsync()).Count == 0);
        Assert.Equal(GlobalPosition.Zero, log.Worker.Progress.Position);

        log.StartWorker();
        await log.AckAsync(events[0]);
        await HandleAllAsync(log, "s0:2", "s0:3");
        await log.PassedAsync();
        Assert.Empty(await log.ReadDeliveriesAsync());
    }

    [Fact]
    public async Task A_stream_that_is_parked_no_more_loses_none_of_its_events_that_are_read_at_that_moment()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        await log.Log.AppendAsync("s0", "1");
        for (var at = 1; at < DeliveryWindow.CountMax + 100; at++) await log.Log.AppendAsync($"t{at}", "1");
        await log.Log.AppendAsync("s0", "2");
        var events = await log.SomeAsync(DeliveryWindow.CountMax);
        var parked = events.First(one => one.Event.Stream.Key == "s0");
        await log.NackAsync(Refusal with { Park = true }, parked);
        await log.RequestAsync("s0", ParkedRequest.Retry);
        var replayed = await log.SomeAsync();
        Assert.Equal(["s0:1"], DeliveredLog.Named(replayed.Where(static one => one.Event.Stream.Key == "s0")));

        var rest = events.Concat(replayed).Where(one => one != parked);
        Assert.Empty(await log.AckAsync(rest));
        var handed = new List<string>();
        while (!handed.Contains("s0:2"))
        {
            var some = await log.SomeAsync();
            handed.AddRange(DeliveredLog.Named(some));
            Assert.Empty(await log.AckAsync(some));
        }

        await log.PassedAsync();
    }

    [Fact]
    public async Task A_stream_that_is_about_to_be_parked_no_more_stays_so_when_the_parked_streams_are_read_again()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        var (services, definition) = (log.Log.CreateServices(), log.Definition);
        for (var at = 1; at <= 40; at++)
        {
            var parked = new ParkedDocument(
                definition.Name, "test", $"s{at}", 0, at, 1, "t", "", default, 1, ParkedRequest.Retry);
            await log.Log.Models.CommitAsync(new ModelCommit(ParkedRow.Put(parked, null)), FollowedLog.Token);
        }

        var streams = new ParkedStreams(log.Log.Models, definition.Name, default);
        var queue = new DeliveryQueue(definition, log.Settings, streams, log.Log.Time);
        var reader = new DeliveryReader(definition, default, services, streams, queue);
        await reader.LoadParkedAsync(FollowedLog.Token);
        await reader.LoadReplaysAsync(FollowedLog.Token);
        await reader.LoadReplaysAsync(FollowedLog.Token);
        Assert.False(streams.Contains(new StreamName("test", "s20")));

        await reader.LoadParkedAsync(FollowedLog.Token);
        await reader.LoadReplaysAsync(FollowedLog.Token);
        await log.Log.AppendAsync("s20", "new");
        await reader.ReadAsync(FollowedLog.Token);
        Assert.Equal(DeliveryState.Waiting, Assert.Single(queue.Window.Entries).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_is_dropped_while_its_event_is_leased_holds_back_those_after_until_it_is_answered(
        bool takesOver)
    {
        await using var log = await ParkedAsync("s0");
        await log.RequestAsync("s0", ParkedRequest.Retry);
        var events = await log.SomeAsync();
        await log.RequestAsync("s0", ParkedRequest.Drop);
        await log.Log.AppendAsync("s0", "4");
        if (takesOver) log.StartWorker();
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        Assert.Empty(await log.NextAsync());
        Assert.Empty(await log.AckAsync(events));
        await FollowedLog.UntilAsync(async () => (await log.Log.ReadParkedAsync()).Count == 0);
        await log.Log.AppendAsync("s0", "5");
        await HandleAllAsync(log, "s0:5");
    }

    [Fact]
    public async Task A_stream_that_is_dropped_while_a_consumer_has_its_event_is_dropped_when_that_is_refused()
    {
        await using var log = await ParkedAsync("s0");
        await log.RequestAsync("s0", ParkedRequest.Retry);
        var events = await log.SomeAsync();
        await log.RequestAsync("s0", ParkedRequest.Drop);
        Assert.Empty(await log.NackAsync(Refusal, events));
        await FollowedLog.UntilAsync(async () => (await log.Log.ReadParkedAsync()).Count == 0);
        await log.Log.AppendAsync("s0", "4");
        await HandleAllAsync(log, "s0:4");
    }

    [Fact]
    public async Task A_replayed_event_that_is_removed_while_it_is_leased_holds_back_its_stream_for_the_next_worker()
    {
        var settings = new SubscriptionSettings { Lease = DeliveredLog.Lease, Types = ["test.happened"] };
        await using var log = await DeliveredLog.StartAsync(streams: 1, settings);
        await log.NackAsync(Refusal with { Park = true }, await log.SomeAsync());
        await log.RequestAsync("s0", ParkedRequest.Retry);
        var events = await log.SomeAsync();
        await log.Log.ClearAsync("s0");
        await log.Log.AppendAsync("s0", "new");
        log.StartWorker();
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        Assert.Empty(await log.NextAsync());
        Assert.Empty(await log.AckAsync(events));
        Assert.Equal("\"new\"", Encoding.UTF8.GetString((await log.SomeAsync()).Single().Event.Payload.Span));
    }

    private static async Task<DeliveredLog> ParkedAsync(string stream)
    {
        var log = await DeliveredLog.StartAsync(streams: 1);
        await log.NackAsync(Refusal with { Park = true }, await NextOfAsync(log, stream));
        await log.PassedAsync();
        return log;
    }

    private static async Task<Delivery> NextOfAsync(DeliveredLog log, string stream)
    {
        Delivery? found = null;
        await FollowedLog.UntilAsync(async () =>
        {
            var events = await log.NextAsync(limit: 1);
            found = events.FirstOrDefault(one => one.Event.Stream.Key == stream);
            if (found is null) await log.NackAsync(new LeaseRefusal { Delay = TimeSpan.Zero }, events);
            return found is not null;
        });
        return found!;
    }

    // Acknowledges what is handed out, one by one: these events in this order, and no others.
    private static async Task HandleAllAsync(DeliveredLog log, params string[] expected)
    {
        var handled = new List<string>();
        while (handled.Count < expected.Length)
        {
            var events = await log.SomeAsync();
            handled.AddRange(DeliveredLog.Named(events));
            Assert.Empty(await log.AckAsync(events));
        }

        Assert.Equal(expected, handled);
        Assert.Empty(await log.NextAsync());
    }
}
