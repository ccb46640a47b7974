namespace Granary.Tests.Unit.Appending;

public sealed class ReturningCallersTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(12);

    [Fact]
    public async Task Who_was_answered_by_a_slow_commit_and_appends_again_shares_the_next_one()
    {
        await using var harness = new AppenderHarness();
        var waiting = await AfterCommitAsync(harness, Slow);

        _ = harness.Send("again");
        var next = await harness.Store.NextAsync();
        next.Release();
        await waiting;

        Assert.Equal(["waiting", "again"], next.Keys);
    }

    [Fact]
    public async Task Who_does_not_come_again_is_waited_for_no_longer_than_2_milliseconds()
    {
        await using var harness = new AppenderHarness();
        var wait = harness.Time.NextTimerAsync(TimeSpan.FromMilliseconds(2));
        var waiting = await AfterCommitAsync(harness, TimeSpan.FromSeconds(0.1));

        await wait.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        Assert.False(harness.Store.HasUnseen);
        harness.Time.Timers.Advance(TimeSpan.FromMilliseconds(2));
        var next = await harness.Store.NextAsync();
        next.Release();
        await waiting;

        Assert.Equal(["waiting"], next.Keys);
    }

    [Fact]
    public async Task One_caller_alone_is_never_waited_for()
    {
        await using var harness = new AppenderHarness();
        for (var at = 0; at < 3; at++)
        {
            var (answer, commit) = await harness.OccupyAsync();
            harness.Time.Timers.Advance(Slow);
            commit.Release();
            await answer;
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1_001)]
    public async Task After_a_commit_that_is_fast_or_was_held_up_nobody_is_waited_for(int tookMs)
    {
        await using var harness = new AppenderHarness();
        var waiting = await AfterCommitAsync(harness, TimeSpan.FromMilliseconds(tookMs));

        (await harness.Store.NextAsync()).Release();

        Assert.Equal(AppendOutcome.Appended, (await waiting).Outcome);
    }

    [Fact]
    public async Task Where_enough_wait_for_a_commit_it_begins_at_once()
    {
        await using var harness = new AppenderHarness();
        var (_, running) = await harness.OccupyAsync();
        for (var at = 0; at < 64; at++) _ = harness.Send($"waiting-{at}");
        harness.Time.Timers.Advance(Slow);
        running.Release();

        var next = await harness.Store.NextAsync();
        next.Release();

        Assert.Equal(64, next.Appends.Count);
    }

    [Fact]
    public async Task A_silo_that_stops_waits_for_nobody()
    {
        await using var harness = new AppenderHarness();
        var wait = harness.Time.NextTimerAsync(TimeSpan.FromMilliseconds(2));
        var waiting = await AfterCommitAsync(harness, Slow);
        await wait.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);

        var drained = harness.Appender.DrainAsync(TestContext.Current.CancellationToken);
        (await harness.Store.NextAsync()).Release();
        await drained;

        Assert.Equal(AppendOutcome.Appended, (await waiting).Outcome);
    }

    // One append was answered by a commit, and another one waits for the next.
    private static async Task<Task<AppendResult>> AfterCommitAsync(AppenderHarness harness, TimeSpan took)
    {
        var (answer, commit) = await harness.OccupyAsync();
        var waiting = harness.Send("waiting");
        harness.Time.Timers.Advance(took);
        commit.Release();
        await answer;
        return waiting;
    }
}
