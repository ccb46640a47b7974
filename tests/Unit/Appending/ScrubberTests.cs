using System.Threading.Channels;
using Granary.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Appending;

/// <summary>When the silo has its store remove what was cleared.</summary>
public sealed class ScrubberTests
{
    private readonly PausingTime _time = new();
    private readonly Steps _steps = new();
    private readonly Lines _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_begins_at_the_start_and_goes_on_until_nothing_is_left_with_pauses_for_other_writers()
    {
        await using var harness = new AppenderHarness();
        await using var scrubber = Start(harness);

        foreach (var more in new[] { true, true, false })
        {
            var step = await _steps.NextAsync();
            Assert.Equal(Scrubber.StepEvents, step.EventsMax);
            step.Answer.SetResult(more);
            if (!more) break;
            await _time.PausedAsync();
            Assert.False(_steps.HasUnseen);
            _time.Advance(Scrubber.Pause);
        }

        _time.Advance(Scrubber.Interval);
        (await _steps.NextAsync()).Answer.SetResult(false);
        Assert.Equal(4, _steps.Count);
    }

    [Fact]
    public async Task It_looks_again_after_each_clearing_and_after_no_other_append()
    {
        await using var harness = new AppenderHarness();
        var clearings = 0;
        harness.Appender.Cleared += () => clearings++;
        await using var scrubber = Start(harness);
        (await _steps.NextAsync()).Answer.SetResult(false);

        var appended = harness.Send("a");
        (await harness.Store.NextAsync()).Release();
        await appended;
        Assert.Equal(0, clearings);

        var cleared = harness.Send(Clear("a"));
        (await harness.Store.NextAsync()).Release();
        await cleared;
        Assert.Equal(1, clearings);
        (await _steps.NextAsync()).Answer.SetResult(false);
    }

    [Fact]
    public async Task It_looks_again_after_a_clearing_that_failed_and_may_have_landed()
    {
        await using var harness = new AppenderHarness();
        await using var scrubber = Start(harness);
        (await _steps.NextAsync()).Answer.SetResult(false);

        var cleared = harness.Send(Clear("a"));
        (await harness.Store.NextAsync()).Fail(new StoreUnavailableException("Its answer is lost."));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => cleared);

        (await _steps.NextAsync()).Answer.SetResult(false);
    }

    [Fact]
    public async Task It_looks_every_minute_for_what_another_process_has_left()
    {
        await using var harness = new AppenderHarness();
        await using var scrubber = Start(harness);
        for (var minute = 0; minute < 3; minute++)
        {
            (await _steps.NextAsync()).Answer.SetResult(false);
            _time.Advance(Scrubber.Interval);
        }

        (await _steps.NextAsync()).Answer.SetResult(false);
    }

    [Fact(Timeout = 60_000)]
    public async Task Failures_are_logged_once_a_row_and_tried_again_every_minute_and_not_sooner()
    {
        await using var harness = new AppenderHarness();
        await using var scrubber = Start(harness);
        await FailAsync();
        Assert.Contains("cleared", await _log.NextAsync(), StringComparison.Ordinal);

        for (var at = 0; at < 50; at++)
        {
            var cleared = harness.Send(Clear("a"));
            (await harness.Store.NextAsync()).Release();
            await cleared;
        }

        Assert.Equal(1, _steps.Count);
        await TickAsync(TestContext.Current.CancellationToken);
        await FailAsync();
        await TickAsync(TestContext.Current.CancellationToken);
        await FailAsync();
        await TickAsync(TestContext.Current.CancellationToken);
        (await _steps.NextAsync()).Answer.SetResult(false);
        await TickAsync(TestContext.Current.CancellationToken);
        await FailAsync();
        Assert.Contains("cleared", await _log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal((5, 2), (_steps.Count, _log.Count));
    }

    [Fact]
    public async Task It_ends_with_the_silo_and_logs_nothing_about_that()
    {
        await using var harness = new AppenderHarness();
        var scrubber = Start(harness);
        var step = await _steps.NextAsync();

        await scrubber.StopAsync(Token);

        Assert.True(step.Answer.Task.IsCanceled);
        _time.Advance(Scrubber.Interval);
        Assert.Equal((1, 0), (_steps.Count, _log.Count));
    }

    [Fact]
    public async Task A_step_that_fails_while_the_silo_ends_is_logged_all_the_same()
    {
        await using var harness = new AppenderHarness();
        _steps.Hangs = true;
        var scrubber = Start(harness);
        var step = await _steps.NextAsync();

        var stopped = scrubber.StopAsync(Token);
        step.Answer.SetException(new StoreUnavailableException("The disk is full."));
        await stopped;

        Assert.Contains("cleared", await _log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_hangs_does_not_keep_the_silo_from_ending()
    {
        await using var harness = new AppenderHarness();
        _steps.Hangs = true;
        var scrubber = Start(harness);
        var step = await _steps.NextAsync();

        await scrubber.StopAsync(new CancellationToken(canceled: true)).WaitAsync(GateStore.Patience, Token);
        await scrubber.DisposeAsync().AsTask().WaitAsync(GateStore.Patience, Token);

        Assert.False(step.Answer.Task.IsCompleted);
        step.Answer.SetResult(false);
    }

    private Scrubber Start(AppenderHarness harness)
    {
        harness.Store.Scrub = _steps.RunAsync;
        var scrubber = new Scrubber(harness.Store, harness.Appender, _time, _log);
        scrubber.Start();
        return scrubber;
    }

    private async Task FailAsync() =>
        (await _steps.NextAsync()).Answer.SetException(new StoreUnavailableException("The disk is full."));

    // A tick that comes before a failure is known is not the one after it.
    private async Task TickAsync(CancellationToken cancellationToken)
    {
        while (!_steps.HasUnseen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _time.Advance(Scrubber.Interval);
            await Task.Yield();
        }
    }

    private static Append Clear(string key) =>
        Append.Clear(new("test", key), ExpectedVersion.Any, AppendId.New(TimeProvider.System));

    private sealed record Step(int EventsMax, TaskCompletionSource<bool> Answer);

    // Each step waits until the test answers it.
    private sealed class Steps
    {
        private readonly Channel<Step> _steps = Channel.CreateUnbounded<Step>();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool HasUnseen => _steps.Reader.TryPeek(out _);

        /// <summary>Whether a step goes on though it is cancelled.</summary>
        public bool Hangs { get; set; }

        public async Task<bool> RunAsync(int eventsMax, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellationToken.Register(() =>
            {
                if (!Hangs) answer.TrySetCanceled(cancellationToken);
            });
            _steps.Writer.TryWrite(new Step(eventsMax, answer));
            return await answer.Task;
        }

        public Task<Step> NextAsync() => _steps.Reader.ReadAsync(Token).AsTask().WaitAsync(GateStore.Patience, Token);
    }

    // A clock that says when somebody pauses by it.
    private sealed class PausingTime : FakeTimeProvider
    {
        private readonly SemaphoreSlim _paused = new(0);

        public Task PausedAsync() => _paused.WaitAsync(Token).WaitAsync(GateStore.Patience, Token);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Scrubber.Pause) _paused.Release();
            return timer;
        }
    }

    private sealed class Lines : ILogger<Scrubber>
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Task<string> NextAsync() => _lines.Reader.ReadAsync(Token).AsTask().WaitAsync(GateStore.Patience, Token);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _count);
            _lines.Writer.TryWrite(formatter(state, exception));
        }
    }
}
