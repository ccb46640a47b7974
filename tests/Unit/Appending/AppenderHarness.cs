using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Granary.Runtime;
using Granary.Tests.Unit.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Appending;

/// <summary>An appender over a <see cref="GateStore"/>, with a clock that the test sets.</summary>
internal sealed class AppenderHarness : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public AppenderHarness(
        AppenderOptions? options = null, int partitions = 1, bool logs = true, StoreLimits? limits = null)
    {
        Store = new GateStore(partitions);
        if (limits is not null)
            Store = new GateStore(partitions) { Description = Store.Description with { Limits = limits } };
        SiloStore = new SiloStore(Store);
        Meters = _services.GetRequiredService<IMeterFactory>();
        var settings = Options.Create(options ?? new AppenderOptions());
        var metrics = new GranaryMetrics(
            Meters, logs ? NullLogger<GranaryMetrics>.Instance : new ThrowingLogger<GranaryMetrics>());
        Appender = new Appender(
            Store,
            new CommitRoutes(Store, SiloStore, settings, metrics, Time, NullLogger<CommitRoutes>.Instance),
            SiloStore,
            settings,
            metrics,
            Time,
            logs ? NullLogger<Appender>.Instance : new ThrowingLogger<Appender>());
        Scrubber = new Scrubber(Store, Appender, Time, NullLogger<Scrubber>.Instance);
    }

    public GateStore Store { get; }

    public SiloStore SiloStore { get; }

    public Appender Appender { get; }

    public Scrubber Scrubber { get; }

    public IMeterFactory Meters { get; }

    public SetClock Time { get; } = new();

    /// <summary>What starts and stops it with a silo.</summary>
    public AppenderLifecycle Lifecycle(SiloStore store) =>
        new(store, Appender, Scrubber, NullLogger<AppenderLifecycle>.Instance);

    /// <summary>An append of events to the stream <c>test/key</c>.</summary>
    public static Append Of(string key, int events = 1, int eventSize = 10) => new(
        new StreamName("test", key),
        ExpectedVersion.Any,
        AppendId.New(TimeProvider.System),
        [.. Enumerable.Range(0, events).Select(_ => new NewEvent(NewId(), "noted", new byte[eventSize]))]);

    /// <summary>Queues an append; when this returns it is in the queue, or waits to enter it.</summary>
    public Task<AppendResult> Send(string key) => Send(Of(key));

    /// <inheritdoc cref="Send(string)" />
    public Task<AppendResult> Send(Append append) => SendCancellable(append, CancellationToken.None);

    /// <summary>Queues an append that may be cancelled.</summary>
    public Task<AppendResult> SendCancellable(string key, CancellationToken cancellationToken) =>
        SendCancellable(Of(key), cancellationToken);

    /// <summary>
    /// Sends one append and waits until its commit waits at the gate, so that what follows has to queue.
    /// </summary>
    public async Task<(Task<AppendResult> Answer, GateStore.Commit Commit)> OccupyAsync(string key = "first")
    {
        var answer = Send(key);
        return (answer, await Store.NextAsync());
    }

    /// <summary>Takes an answer as who does not await it.</summary>
    public static AppendResult ResultOf(ValueTaskAwaiter<AppendResult> answer) => answer.GetResult();

    /// <summary>What a gauge or up-down counter reads now, summed over its tags.</summary>
    public int Observe(string instrument)
    {
        var sum = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (published, self) =>
        {
            if (published.Name == instrument && published.Meter.Scope == Meters)
                self.EnableMeasurementEvents(published);
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => sum += value);
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        // A test that failed may have left commits at the gate: they must not hold up the end.
        await Appender.DrainAsync(new CancellationToken(canceled: true));
        await Scrubber.StopAsync(new CancellationToken(canceled: true));
        await _services.DisposeAsync();
    }

    private async Task<AppendResult> SendCancellable(Append append, CancellationToken cancellationToken) =>
        await Appender.AppendAsync(append, cancellationToken).AsTask().WaitAsync(
            GateStore.Patience, TestContext.Current.CancellationToken);

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    /// <summary>A clock that can also be set back, or break.</summary>
    internal sealed class SetClock : TimeProvider
    {
        private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _timers = [];

        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        public Exception? Error { get; set; }

        /// <summary>The clock that timers run by.</summary>
        public FakeTimeProvider Timers { get; } = new();

        public override long TimestampFrequency => Timers.TimestampFrequency;

        public override long GetTimestamp() => Timers.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => Error is null ? Now : throw Error;

        /// <summary>Ends when a timer was made that ends after a time.</summary>
        public Task NextTimerAsync(TimeSpan dueTime) => _timers.GetOrAdd(
            dueTime, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = Timers.CreateTimer(callback, state, dueTime, period);
            if (_timers.TryRemove(dueTime, out var made)) made.SetResult();
            return timer;
        }
    }
}
