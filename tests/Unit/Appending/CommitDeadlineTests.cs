using Granary.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Appending;

/// <summary>A commit is bounded in time, also where the store neither ends nor can be interrupted.</summary>
public sealed class CommitDeadlineTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(new AppenderOptions().CommitTimeoutMs);

    [Fact]
    public async Task A_commit_that_hangs_fails_its_callers_and_those_that_wait()
    {
        await using var harness = new AppenderHarness();
        var (first, commit) = await harness.OccupyAsync();
        var waiting = harness.Send("waiting");

        harness.Time.Timers.Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.False(first.IsCompleted || waiting.IsCompleted);
        harness.Time.Timers.Advance(TimeSpan.FromTicks(1));

        var hung = await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        Assert.Contains("is not known", hung.Message, StringComparison.Ordinal);
        var waited = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting);
        Assert.Contains("has not ended an earlier commit", waited.Message, StringComparison.Ordinal);
        commit.Release();
    }

    [Fact]
    public async Task A_retry_that_waits_is_not_told_that_nothing_was_written()
    {
        await using var harness = new AppenderHarness();
        var append = AppenderHarness.Of("first");
        var first = harness.Send(append);
        var commit = await harness.Store.NextAsync();
        harness.Time.Timers.Advance(Timeout);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);

        // The commit that hangs holds it all the same, and lands.
        var retry = harness.Send(append);
        harness.Time.Timers.Advance(Timeout);
        var waited = await Assert.ThrowsAsync<StoreUnavailableException>(() => retry);
        await harness.Appender.DrainAsync(new CancellationToken(canceled: true));
        var stopped = await Assert.ThrowsAsync<StoreUnavailableException>(() => harness.Send(append));
        commit.Release();

        foreach (var error in (Exception[])[waited, stopped])
        {
            Assert.DoesNotContain("othing", error.Message, StringComparison.Ordinal);
            Assert.Contains("with the same id", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tick_that_comes_after_its_commit_has_ended_does_not_expire_the_next_one()
    {
        var (time, expired) = (new LateTimers(), 0);
        using var deadline = new CommitDeadline(Timeout, time);
        deadline.Begin(_ => expired++);
        time.Advance(Timeout);
        deadline.End();

        deadline.Begin(_ => expired++);
        time.Tick();
        Assert.Equal(0, expired);

        time.Advance(Timeout);
        time.Tick();
        Assert.Equal(1, expired);
    }

    [Fact]
    public async Task Who_comes_while_the_store_hangs_does_not_wait_longer_than_a_commit_may_take()
    {
        await using var harness = new AppenderHarness();
        var (first, commit) = await harness.OccupyAsync();
        harness.Time.Timers.Advance(Timeout);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);

        var late = harness.Send("late");
        harness.Time.Timers.Advance(Timeout);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => late);
        commit.Release();
    }

    [Fact]
    public async Task A_caller_that_appends_again_at_once_waits_for_the_store()
    {
        await using var harness = new AppenderHarness();
        var (first, commit) = await harness.OccupyAsync();
        var caller = new RestlessCaller(harness.Appender);
        caller.Send();

        harness.Time.Timers.Advance(Timeout);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        Assert.Equal(1, caller.Failures);

        commit.Release();
        var next = await harness.Store.NextAsync();
        Assert.Equal([RestlessCaller.Key], next.Keys);
        next.Release();
    }

    [Fact]
    public async Task When_the_store_answers_after_all_the_writer_goes_on()
    {
        await using var harness = new AppenderHarness();
        var (first, commit) = await harness.OccupyAsync();
        harness.Time.Timers.Advance(Timeout);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);

        var next = harness.Send("next");
        commit.Release();
        var following = await harness.Store.NextAsync();
        Assert.Equal(["next"], following.Keys);
        following.Release();
        Assert.Equal(AppendOutcome.Appended, (await next).Outcome);
    }

    [Fact]
    public async Task A_commit_that_has_ended_does_not_expire()
    {
        await using var harness = new AppenderHarness();
        var (first, commit) = await harness.OccupyAsync();
        commit.Release();
        Assert.Equal(AppendOutcome.Appended, (await first).Outcome);

        harness.Time.Timers.Advance(Timeout - TimeSpan.FromTicks(1));
        var (second, next) = await harness.OccupyAsync("second");
        harness.Time.Timers.Advance(TimeSpan.FromTicks(1));
        next.Release();
        Assert.Equal(AppendOutcome.Appended, (await second).Outcome);
    }

    [Fact]
    public void Nothing_expires_after_the_end()
    {
        var (time, expired) = (new FakeTimeProvider(), 0);
        using var deadline = new CommitDeadline(Timeout, time);
        deadline.Begin(_ => expired++);
        time.Advance(Timeout);
        Assert.Equal(1, expired);

        deadline.End();
        time.Advance(2 * Timeout);

        Assert.Equal(1, expired);
    }

    [Fact]
    public void What_happens_at_the_end_of_the_time_is_in_the_trace_of_no_commit()
    {
        var (time, context) = (new LateTimers(), new AsyncLocal<string> { Value = "the first commit's" });
        using var deadline = new CommitDeadline(Timeout, time);

        deadline.Begin(static _ => { });

        Assert.Null(time.Captured);
        Assert.False(ExecutionContext.IsFlowSuppressed());
        Assert.NotNull(context.Value);
    }

    /// <summary>Sends an append again as soon as it has failed; not without end, so that the test ends.</summary>
    private sealed class RestlessCaller(Appender appender) : IAppendCaller
    {
        public const string Key = "restless";

        public int Failures { get; private set; }

        public void Send() => appender.Send(AppenderHarness.Of(Key), this);

        public void OnAnswered(PendingAppend answered)
        {
            if (answered.HasLanded || ++Failures == 100) return;
            Send();
        }
    }

    /// <summary>A clock whose timers call back when the test lets them, as where the pool has no thread.</summary>
    private sealed class LateTimers : FakeTimeProvider
    {
        public Action Tick { get; private set; } = static () => { };

        /// <summary>The context that a timer was made in, as the system's timers keep it.</summary>
        public ExecutionContext? Captured { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (Tick, Captured) = (() => callback(state), ExecutionContext.Capture());
            return base.CreateTimer(static _ => { }, null, dueTime, period);
        }
    }
}
