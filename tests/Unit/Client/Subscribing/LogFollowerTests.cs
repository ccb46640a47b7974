using Granary.Client;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Client.Subscribing;

/// <summary>A subscription gives out each event once, in order, whatever wakes it and whatever fails.</summary>
public sealed class LogFollowerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_catches_up_and_goes_live_without_a_gap_or_a_repeat_while_four_partitions_are_written()
    {
        const int each = 1_500;
        var log = new FollowedLog(4, TimeProvider.System);
        for (var partition = 0; partition < 4; partition++)
        {
            for (var at = 0; at < each / 3; at++) await log.AppendAsync(log.StreamOf(partition));
        }

        var writers = Enumerable.Range(0, 4).Select(partition => Task.Run(
            async () =>
            {
                for (var at = each / 3; at < each; at++)
                {
                    await log.AppendAsync(log.StreamOf(partition));
                    if (at % 16 == 0) await Task.Yield();
                }
            },
            Token)).ToArray();
        var seen = new long[4];
        await foreach (var recorded in log.Follow().FollowAsync(Token))
        {
            var (partition, position) = recorded.Position;
            Assert.Equal(++seen[partition.Value], position.Value);
            if (seen.Sum() == 4 * each) break;
        }

        await Task.WhenAll(writers);
        Assert.All(seen, static one => Assert.Equal(each, one));
    }

    [Fact]
    public async Task A_lost_wake_up_delays_an_event_and_does_not_lose_it()
    {
        var log = new FollowedLog(2, _time) { IsDeaf = true };
        await using var events = log.Follow().FollowAsync(Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync().AsTask();
        await log.WaitsAsync();
        var position = await log.AppendAsync(log.StreamOf(1));
        _time.Advance(LogFollower.LookAgainAfter - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await next.WaitAsync(Patience, Token));
        Assert.Equal(position, events.Current.Position);
    }

    [Fact]
    public async Task A_partition_whose_wake_ups_are_lost_is_read_also_while_another_one_always_wakes()
    {
        var log = new FollowedLog(2, TimeProvider.System);
        var silent = new HalfDeaf(log, new(1), _time);
        await using var events = new LogFollower(silent, LogPositions.StartOf(2), LogFilter.All, _time)
            .FollowAsync(Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync().AsTask();
        await log.AppendAsync(log.StreamOf(1));
        await log.AppendAsync(log.StreamOf(0));
        Assert.True(await next.WaitAsync(Patience, Token));
        for (var step = 0; events.Current.Position.Partition.Value == 0 && step < 10; step++)
        {
            // It waits for nothing here, and finds partition 0 grown whenever it does.
            _time.Advance(LogFollower.LookAgainAfter);
            await log.AppendAsync(log.StreamOf(0));
            Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Patience, Token));
        }

        Assert.Equal(1, events.Current.Position.Partition.Value);
    }

    [Fact]
    public async Task A_tail_that_wakes_without_cause_does_not_make_it_read_without_pause()
    {
        var log = new FollowedLog(1, _time) { WakesAlways = true };
        await using var events = log.Follow().FollowAsync(Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync();

        // It runs until it waits for the time.
        Assert.False(next.IsCompleted);
        Assert.Equal(2, log.Reads);
        await log.AppendAsync(log.StreamOf(0));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.True(await next.AsTask().WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task What_the_caller_does_not_ask_for_is_not_read()
    {
        var log = new FollowedLog(1, _time);
        for (var at = 0; at < 1_000; at++) await log.AppendAsync(log.StreamOf(0), size: 4_000);
        await using var events = log.Follow().FollowAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(1, log.Reads);
        for (var at = 0; at < 31; at++) Assert.True(await events.MoveNextAsync());
        Assert.Equal(1, log.Reads);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(2, log.Reads);
    }

    [Fact]
    public async Task Pages_of_large_events_get_shorter()
    {
        var log = new FollowedLog(1, _time);
        for (var at = 0; at < 100; at++) await log.AppendAsync(log.StreamOf(0), size: 200_000);
        await using var events = log.Follow().FollowAsync(Token).GetAsyncEnumerator(Token);
        for (var at = 0; at < 100; at++) Assert.True(await events.MoveNextAsync());

        // The first page is of 32, and a page of at most 1 MiB holds five.
        Assert.InRange(log.Reads, 14, 40);
    }

    [Fact]
    public async Task Partitions_take_turns()
    {
        var log = new FollowedLog(2, _time);
        for (var at = 0; at < 5_000; at++) await log.AppendAsync(log.StreamOf(0));
        await log.AppendAsync(log.StreamOf(1));
        var before = 0;
        await foreach (var recorded in log.Follow().FollowAsync(Token))
        {
            if (recorded.Position.Partition.Value == 1) break;
            before++;
        }

        Assert.InRange(before, 0, 600);
    }

    [Fact]
    public async Task Its_positions_are_those_of_the_events_that_were_dealt_with_and_of_those_that_were_left_out()
    {
        var log = new FollowedLog(2, _time);
        await log.AppendAsync(log.StreamOf(0), "wanted");
        await log.AppendAsync(log.StreamOf(0), "wanted");
        for (var at = 0; at < 3; at++) await log.AppendAsync(log.StreamOf(1), "other");
        var follower = log.Follow(filter: new LogFilter { EventTypes = new HashSet<string> { "wanted" } });
        await using var events = follower.FollowAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("0:0,1:0", follower.Positions.ToString());
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("0:1,1:0", follower.Positions.ToString());
        var next = events.MoveNextAsync();
        await log.WaitsAsync();
        Assert.Equal("0:2,1:3", follower.Positions.ToString());
        await log.AppendAsync(log.StreamOf(1), "wanted");
        Assert.True(await next.AsTask().WaitAsync(Patience, Token));
        Assert.Equal(new LogPosition(new(1), new(4)), events.Current.Position);
    }

    [Fact]
    public async Task A_log_that_ends_before_what_was_read_is_reported()
    {
        var log = new FollowedLog(2, _time);
        await log.AppendAsync(log.StreamOf(1));
        await using var events = log.Follow("1:2").FollowAsync(Token).GetAsyncEnumerator(Token);
        var fault = await Assert.ThrowsAsync<LogReplacedException>(() => events.MoveNextAsync().AsTask());
        Assert.Equal(new LogPosition(new(1), new(2)), fault.Position);
    }

    [Fact]
    public async Task What_passes_is_waited_for()
    {
        var log = new FollowedLog(1, _time);
        await log.AppendAsync(log.StreamOf(0));
        log.ReadFaults.Enqueue(new SiloUnavailableException());
        log.ReadFaults.Enqueue(new StoreUnavailableException("Away."));
        await using var events = log.Follow().FollowAsync(Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(50));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(await next.WaitAsync(Patience, Token));

        // A silo that is lost under the wait wakes nobody: the log is read after the retry.
        log.WaitFaults.Enqueue(new SiloUnavailableException());
        next = events.MoveNextAsync().AsTask();
        await log.AppendAsync(log.StreamOf(0));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.True(await next.WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task What_does_not_pass_ends_it_with_its_error()
    {
        var log = new FollowedLog(1, _time);
        for (var tries = 0; tries < PassingFaults.TriesMax; tries++)
            log.ReadFaults.Enqueue(new StoreUnavailableException("Away."));
        await using var events = log.Follow().FollowAsync(Token).GetAsyncEnumerator(Token);
        var next = events.MoveNextAsync().AsTask();
        for (var tries = 1; tries < PassingFaults.TriesMax; tries++)
        {
            Assert.False(next.IsCompleted);
            _time.Advance(PassingFaults.DelayOf(tries));
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => next.WaitAsync(Patience, Token));
        Assert.Equal(PassingFaults.TriesMax, log.Reads);
    }

    [Fact]
    public async Task It_ends_when_it_is_cancelled_while_it_waits()
    {
        using var stop = new CancellationTokenSource();
        var log = new FollowedLog(1, _time);
        await using var events = log.Follow().FollowAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync().AsTask();
        await log.WaitsAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Patience, Token));
    }

    /// <summary>A log whose tail never wakes for one partition.</summary>
    private sealed class HalfDeaf(ILogSource log, LogPartition silent, TimeProvider time) : ILogSource
    {
        public ValueTask<int> GetPartitionCountAsync(CancellationToken cancellationToken) =>
            log.GetPartitionCountAsync(cancellationToken);

        public ValueTask<LogPage> ReadPageAsync(
            LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
            log.ReadPageAsync(after, filter, limit, cancellationToken);

        public ValueTask<IReadOnlyList<LogPartition>> WaitForMoreAsync(
            IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken) =>
            new StoreLogSource(((FollowedLog)log).Store, ((FollowedLog)log).Store, time).WaitForMoreAsync(
                [.. after.Where(one => one.Partition != silent)], max, cancellationToken);
    }
}
