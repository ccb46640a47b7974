using System.Collections.Concurrent;
using Granary.Runtime;

namespace Granary.Tests.Unit.Reactors;

/// <summary>Effects are had at least once, in order, and not again once the ledger has them.</summary>
public sealed class EffectHandlerTests
{
    private readonly EffectBench _bench = new();
    private readonly ConcurrentQueue<EffectContext> _had = new();

    [Fact]
    public async Task An_effect_that_is_in_the_ledger_is_not_repeated_by_another_session_after_a_crash()
    {
        await _bench.StartAsync();
        var placed = _bench.Record("1");
        await EffectBench.HandleAsync(_bench.Handler(HaveAsync), placed);
        await EffectBench.HandleAsync(_bench.Handler(HaveAsync), placed);

        var had = Assert.Single(_had);
        var known = await _bench.Ledger.FindAsync(had.EffectId, EffectBench.Token);
        Assert.Equal((true, "sent", 1), (known!.Done, known.Answer, known.Tries));
    }

    [Fact]
    public async Task A_crash_before_the_ledger_has_it_repeats_the_effect_with_the_same_id()
    {
        await _bench.StartAsync();
        var placed = _bench.Record("1");
        _bench.Models.FailBefore = 100;
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => EffectBench.HandleAsync(_bench.Handler(HaveAsync), placed));
        _bench.Models.FailBefore = 0;
        await EffectBench.HandleAsync(_bench.Handler(HaveAsync), placed);

        Assert.Equal(2, _had.Count);
        Assert.Single(_had.Select(static one => one.EffectId).Distinct());
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    public async Task A_record_that_fails_or_whose_answer_is_lost_is_written_again_and_the_effect_is_had_once(
        int before, int after)
    {
        await _bench.StartAsync();
        var placed = _bench.Record("1");
        (_bench.Models.FailBefore, _bench.Models.FailAfter) = (before, after);
        await EffectBench.HandleAsync(_bench.Handler(HaveAsync), placed);
        await EffectBench.HandleAsync(_bench.Handler(HaveAsync), placed);

        Assert.Single(_had);
    }

    [Fact]
    public async Task What_is_recorded_survives_a_power_failure_before_the_checkpoint_commits()
    {
        await _bench.StartAsync();
        var commits = new ConcurrentQueue<ModelCommit>();
        _bench.Models.OnCommit = commit =>
        {
            commits.Enqueue(commit);
            return Task.CompletedTask;
        };
        await EffectBench.HandleAsync(_bench.Handler(HaveAsync), _bench.Record("1"));

        var only = Assert.Single(commits);
        Assert.True(only.Durable);
        Assert.Null(only.Advance);
    }

    [Fact]
    public async Task An_effect_that_fails_is_tried_again_and_its_tries_are_recorded()
    {
        await _bench.StartAsync();
        var handler = _bench.Handler((context, _) =>
        {
            _had.Enqueue(context);
            return context.Try < 3 ? throw new InvalidOperationException("busy") : Task.CompletedTask;
        });
        await EffectBench.HandleAsync(handler, _bench.Record("1"));

        Assert.Equal([1, 2, 3], _had.Select(static one => one.Try));
        var known = await _bench.Ledger.FindAsync(_had.First().EffectId, EffectBench.Token);
        Assert.Equal((true, 3, "InvalidOperationException: busy"), (known!.Done, known.Tries, known.LastError));
    }

    [Fact]
    public async Task When_the_tries_are_used_up_the_event_fails_while_other_streams_go_on()
    {
        await _bench.StartAsync();
        var (bad, after, other) = (_bench.Record("bad"), _bench.Record("bad"), _bench.Record("good"));
        var handler = _bench.Handler((context, token) => context.Event.Stream.Key == "bad"
            ? throw new InvalidOperationException("no")
            : HaveAsync(context, token));

        Assert.Same(bad, (await EffectBench.FailAsync(handler, bad, after, other)).Failed);
        Assert.Same(other, Assert.Single(_had).Event);
        await EffectBench.HandleAsync(handler, other);
        Assert.Single(_had);
    }

    [Fact]
    public async Task A_failure_that_waits_to_be_reported_is_not_tried_again_meanwhile_but_is_when_asked_for_later()
    {
        await _bench.StartAsync();
        var tries = new ConcurrentDictionary<string, int>();
        var (first, second) = (_bench.Record("a"), _bench.Record("b"));
        var handler = _bench.Handler(
            (context, _) =>
            {
                tries.AddOrUpdate(context.Event.Stream.Key, 1, static (_, count) => count + 1);
                throw new InvalidOperationException("no");
            },
            new ReactorOptions { TriesMax = 3 });

        Assert.Same(first, (await EffectBench.FailAsync(handler, first, second)).Failed);
        Assert.Same(second, (await EffectBench.FailAsync(handler, second)).Failed);
        Assert.Equal((3, 3), (tries["a"], tries["b"]));
        await EffectBench.FailAsync(handler, second);
        Assert.Equal(6, tries["b"]);
    }

    [Fact]
    public async Task Events_of_one_stream_come_in_order_and_those_of_others_at_the_same_time_within_the_bound()
    {
        await _bench.StartAsync();
        var (running, most, all) = (0, 0, new TaskCompletionSource());
        var handler = _bench.Handler(
            async (context, token) =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                if (now == 4) all.TrySetResult();
                await all.Task.WaitAsync(EffectBench.Patience, token);
                _had.Enqueue(context);
                Interlocked.Decrement(ref running);
            },
            new ReactorOptions { ConcurrencyMax = 4 });
        var events = Enumerable.Range(0, 40).Select(i => _bench.Record($"s{i % 8}")).ToArray();
        await EffectBench.HandleAsync(handler, events);

        Assert.Equal(4, most);
        foreach (var stream in _had.GroupBy(static one => one.Event.Stream))
            Assert.Equal(stream.OrderBy(static one => one.Event.Position.Position.Value), stream);
        Assert.Equal(40, _had.Count);
    }

    [Fact]
    public async Task A_stop_ends_the_tries_and_is_no_failure()
    {
        await _bench.StartAsync();
        using var stop = new CancellationTokenSource();
        var handler = _bench.Handler(async (_, token) =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
        });
        var running = handler.HandleAsync(new LogBatch(default, [_bench.Record("1")]), stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.AsTask());
    }

    [Fact]
    public void The_id_of_an_effect_never_changes()
    {
        var eventId = new Guid("0190b1d6-0000-7000-8000-000000000001");
        var id = EffectIds.Of("welcome-mail", eventId, 0);
        Assert.Equal(8, id.Version);
        Assert.Equal("abb247c2-aa9a-805d-ae27-fab2de589b4c", id.ToString());
        Assert.NotEqual(id, EffectIds.Of("welcome-mail", eventId, 1));
        Assert.NotEqual(id, EffectIds.Of("other-mail", eventId, 0));
    }

    [Fact]
    public void The_wait_doubles_is_shortened_at_random_and_follows_the_receiver_within_the_bound()
    {
        var options = new ReactorOptions { RetryDelayMs = 1_000, RetryDelayMaxMs = 10_000 };
        var longest = new EffectBackOff(options, static () => 0);
        var shortest = new EffectBackOff(options, static () => 0.999);
        var plain = new InvalidOperationException();
        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(1, 6).Select(i => longest.After(i, plain).TotalSeconds));
        Assert.InRange(shortest.After(1, plain).TotalMilliseconds, 500, 501);
        var asks = new WebhookFailedException("busy") { RetryAfter = TimeSpan.FromSeconds(7) };
        Assert.Equal(7, longest.After(1, asks).TotalSeconds);
        var asksMuch = new WebhookFailedException("busy") { RetryAfter = TimeSpan.FromDays(7) };
        Assert.Equal(10, longest.After(1, asksMuch).TotalSeconds);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = most; seen < now; seen = most) Interlocked.CompareExchange(ref most, now, seen);
    }

    private Task HaveAsync(EffectContext context, CancellationToken cancellationToken)
    {
        context.Answer = "sent";
        _had.Enqueue(context);
        return Task.CompletedTask;
    }
}
