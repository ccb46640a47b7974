using System.Diagnostics.Metrics;
using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Appending;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Observability;

public sealed class MetricsTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FaultInjectingEventStore _store = new(new MemoryEventStore(3));
    private readonly Appender _appender;
    private readonly GranaryMetrics _metrics;
    private readonly Measured _measured;

    public MetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _measured = new Measured(meters);
        _metrics = new GranaryMetrics(meters, NullLogger<GranaryMetrics>.Instance);
        var options = Options.Create(new AppenderOptions());
        var siloStore = new SiloStore(_store);
        _appender = new Appender(
            _store, new CommitRoutes(_store, siloStore, options, _metrics, _time, NullLogger<CommitRoutes>.Instance),
            siloStore, options, _metrics, _time, NullLogger<Appender>.Instance);
    }

    [Fact]
    public async Task An_append_is_measured_in_time_events_and_bytes_and_so_is_its_commit()
    {
        var append = AppenderHarness.Of("a", events: 3, eventSize: 10);
        var gate = _store.HoldNextCommit();
        var answer = SendAsync(append);
        await gate.Reached.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        gate.Open();
        await answer;

        var partition = $"granary.partition={LogPartition.Of(append.Stream, 3)}";
        Assert.Equal(["0.25 s"], _measured.Of("granary.append.duration"));
        Assert.Equal([$"0.25 s {partition}"], _measured.Of("granary.commit.duration"));
        Assert.Equal([$"1 {{append}} {partition}"], _measured.Of("granary.batch.appends"));
        Assert.Equal([$"3 {{event}} {partition}"], _measured.Of("granary.batch.events"));
        Assert.Equal(["3 {event}"], _measured.Of("granary.events.appended"));
        Assert.Equal([$"{3 * (10 + 2)} By"], _measured.Of("granary.bytes.appended"));
    }

    [Fact]
    public async Task A_conflict_counts_as_one_and_stores_nothing()
    {
        _store.ConflictOnCommit(1);
        await SendAsync(AppenderHarness.Of("a"));

        Assert.Equal(["1 {append}"], _measured.Of("granary.append.conflicts"));
        Assert.Empty(_measured.Of("granary.events.appended"));
        Assert.Empty(_measured.Of("granary.bytes.appended"));
        Assert.Empty(_measured.Of("granary.append.failures"));
        Assert.Single(_measured.Of("granary.append.duration"));
    }

    [Fact]
    public async Task What_was_stored_before_is_not_counted_twice()
    {
        var append = AppenderHarness.Of("a");
        await SendAsync(append);
        await SendAsync(append);

        Assert.Equal(["1 {event}"], _measured.Of("granary.events.appended"));
        Assert.Equal(2, _measured.Of("granary.append.duration").Length);
    }

    [Fact]
    public async Task A_failure_counts_as_one()
    {
        _store.FailBeforeCommit(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => SendAsync(AppenderHarness.Of("a")));

        Assert.Equal(["1 {append}"], _measured.Of("granary.append.failures"));
        Assert.Empty(_measured.Of("granary.append.duration"));
        Assert.Empty(_measured.Of("granary.commit.duration"));
    }

    [Fact]
    public async Task What_another_silo_has_sent_is_counted_there()
    {
        await SendRoutedAsync();
        await _appender.DrainAsync(CancellationToken.None);
        await SendRoutedAsync();

        Assert.Single(_measured.Of("granary.commit.duration"));
        Assert.Empty(_measured.Of("granary.append.duration"));
        Assert.Empty(_measured.Of("granary.append.failures"));

        async Task SendRoutedAsync()
        {
            var caller = new RoutedCaller();
            _appender.SendRouted(AppenderHarness.Of("a"), 1, caller);
            await caller.Answered.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task The_queue_is_as_long_as_what_waits_for_the_writer_of_its_partition()
    {
        var first = AppenderHarness.Of("a");
        var partition = LogPartition.Of(first.Stream, 3).Value;
        var gate = _store.HoldNextCommit();
        var answers = new List<Task> { SendAsync(first) };
        await gate.Reached.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        for (var more = 0; more < 2; more++) answers.Add(SendAsync(AppenderHarness.Of("a")));

        _measured.Observe();
        Assert.Equal(
            Enumerable.Range(0, 3).Select(at => $"{(at == partition ? 2 : 0)} {{append}} granary.partition={at}"),
            _measured.Of("granary.appender.queue.length"));

        gate.Open();
        await Task.WhenAll(answers);
    }

    [Fact]
    public void Retries_replays_and_snapshots_are_measured()
    {
        _metrics.Retried();
        _metrics.Replayed(42, TimeSpan.FromMilliseconds(1500));
        _metrics.SnapshotLooked(hit: true);
        _metrics.SnapshotLooked(hit: false);
        _metrics.SnapshotLooked(hit: false);

        Assert.Equal(["1 {try}"], _measured.Of("granary.append.retries"));
        Assert.Equal(["42 {event}"], _measured.Of("granary.replay.events"));
        Assert.Equal(["1.5 s"], _measured.Of("granary.replay.duration"));
        Assert.Equal(["1 {snapshot}"], _measured.Of("granary.snapshot.hits"));
        Assert.Equal(["1 {snapshot}", "1 {snapshot}"], _measured.Of("granary.snapshot.misses"));
    }

    [Fact]
    public void Histograms_have_buckets_in_their_own_unit()
    {
        var histograms = _measured.Instruments.Where(static one => one.GetType().Name.StartsWith("Histogram",
            StringComparison.Ordinal)).ToDictionary(static one => one.Name, BoundariesOf);

        foreach (var name in new[] { "granary.append.duration", "granary.commit.duration", "granary.replay.duration" })
        {
            // A millisecond, a slow commit and a retry budget are apart from one another.
            var seconds = histograms[name];
            Assert.Equal(seconds.Order(), seconds);
            Assert.True(seconds.Count(static one => one <= 0.001) >= 3, name);
            Assert.Contains(seconds, static one => one is > 0.001 and < 0.1);
            Assert.Contains(seconds, static one => one >= 30);
        }

        foreach (var name in new[] { "granary.batch.appends", "granary.batch.events", "granary.replay.events" })
        {
            Assert.Contains(1, histograms[name]);
            Assert.Contains(histograms[name], static one => one >= 5_000);
        }

        Assert.Equal(6, histograms.Count);

        static double[] BoundariesOf(Instrument one) => one switch
        {
            Histogram<double> seconds => [.. seconds.Advice!.HistogramBucketBoundaries!],
            Histogram<int> counts => [.. counts.Advice!.HistogramBucketBoundaries!.Select(static at => (double)at)],
            Histogram<long> counts => [.. counts.Advice!.HistogramBucketBoundaries!.Select(static at => (double)at)],
            _ => [],
        };
    }

    [Fact]
    public void Without_listeners_measuring_allocates_nothing()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new GranaryMetrics(
            services.GetRequiredService<IMeterFactory>(), NullLogger<GranaryMetrics>.Instance);
        var append = AppenderHarness.Of("a");
        var batch = new AppendBatch(new LogPartition(2), _time.GetUtcNow(), [append]);
        Measure();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++) Measure();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            metrics.Answered(append, AppendOutcome.Appended, TimeSpan.FromSeconds(1));
            metrics.Committed(batch, TimeSpan.FromSeconds(1));
            metrics.Replayed(1, TimeSpan.FromSeconds(1));
            metrics.SnapshotLooked(true);
            metrics.Retried();
            metrics.Failed();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync();
        _measured.Dispose();
        await _services.DisposeAsync();
    }

    private Task<AppendResult> SendAsync(Append append) =>
        _appender.AppendAsync(append, TestContext.Current.CancellationToken).AsTask();

    private sealed class RoutedCaller : IAppendCaller
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Answered => _answered.Task;

        public void OnAnswered(PendingAppend answered) => _answered.SetResult();
    }
}
