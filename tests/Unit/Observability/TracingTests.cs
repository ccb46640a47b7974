using System.Collections.Concurrent;
using System.Diagnostics;
using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Appending;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Unit.Observability;

/// <summary>Not beside other tests: an activity listener observes the whole process.</summary>
[Collection(nameof(TracingTests))]
[CollectionDefinition(nameof(TracingTests), DisableParallelization = true)]
public sealed class TracingTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FaultInjectingEventStore _store = new(new MemoryEventStore(3));
    private readonly Appender _appender;

    public TracingTests()
    {
        var options = Options.Create(new AppenderOptions());
        var metrics = new GranaryMetrics(
            _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            NullLogger<GranaryMetrics>.Instance);
        var siloStore = new SiloStore(_store);
        _appender = new Appender(
            _store,
            new CommitRoutes(
                _store, siloStore, options, metrics, TimeProvider.System, NullLogger<CommitRoutes>.Instance),
            siloStore,
            options,
            metrics,
            TimeProvider.System,
            NullLogger<Appender>.Instance);
    }

    [Fact]
    public async Task An_append_traces_its_stream_its_position_and_its_outcome_inside_its_callers_trace()
    {
        using var recorded = new RecordedActivities();
        var append = AppenderHarness.Of("traced", events: 2);
        using var caller = new Activity("caller").Start();
        await SendAsync(append);

        var activity = recorded.Single("granary.append");
        Assert.Equal((caller.TraceId, caller.SpanId), (activity.TraceId, activity.ParentSpanId));
        Assert.Equal("test/traced", activity.GetTagItem("granary.stream"));
        Assert.Equal(2, activity.GetTagItem("granary.events"));
        Assert.Equal(LogPartition.Of(append.Stream, 3).Value, activity.GetTagItem("granary.partition"));
        Assert.Equal(2L, activity.GetTagItem("granary.version"));
        Assert.Equal("Appended", activity.GetTagItem("granary.outcome"));
        Assert.Equal(ActivityStatusCode.Unset, activity.Status);
    }

    [Fact]
    public async Task A_commit_traces_its_partition_and_counts_in_a_trace_of_its_own()
    {
        using var recorded = new RecordedActivities();
        using var caller = new Activity("caller").Start();
        var append = AppenderHarness.Of("traced", events: 2);
        await SendAsync(append);

        var activity = recorded.Single("granary.commit");
        Assert.NotEqual(caller.TraceId, activity.TraceId);
        Assert.Equal(default, activity.ParentSpanId);
        Assert.Equal(LogPartition.Of(append.Stream, 3).Value, activity.GetTagItem("granary.partition"));
        Assert.Equal(1, activity.GetTagItem("granary.appends"));
        Assert.Equal(2, activity.GetTagItem("granary.events"));
    }

    [Fact]
    public async Task A_failure_marks_both_and_names_the_error()
    {
        using var recorded = new RecordedActivities();
        _store.FailBeforeCommit(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => SendAsync(AppenderHarness.Of("traced")));

        foreach (var activity in new[] { recorded.Single("granary.append"), recorded.Single("granary.commit") })
        {
            Assert.Equal(ActivityStatusCode.Error, activity.Status);
            Assert.Contains("Injected", activity.StatusDescription, StringComparison.Ordinal);
            Assert.Equal("Granary.StoreUnavailableException", activity.GetTagItem("error.type"));
        }
    }

    [Fact]
    public async Task A_conflict_is_no_failure()
    {
        using var recorded = new RecordedActivities();
        _store.ConflictOnCommit(1);
        await SendAsync(AppenderHarness.Of("traced"));

        var activity = recorded.Single("granary.append");
        Assert.Equal("Conflict", activity.GetTagItem("granary.outcome"));
        Assert.Equal(ActivityStatusCode.Unset, activity.Status);
    }

    [Theory]
    [InlineData("sample")]
    [InlineData("started")]
    [InlineData("stopped")]
    public async Task A_listener_that_throws_changes_no_answer_and_ends_no_writer(string where)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == GranaryNames.ActivitySource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                where == "sample" ? throw new NotSupportedException() : ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _ => ThrowIf(where == "started"),
            ActivityStopped = _ => ThrowIf(where == "stopped"),
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").Start();

        foreach (var key in new[] { "a", "b" })
        {
            var answer = await _appender.AppendAsync(AppenderHarness.Of(key), CancellationToken.None);
            Assert.Equal(AppendOutcome.Appended, answer.Outcome);
            Assert.Same(caller, Activity.Current);
        }

        _store.FailBeforeCommit(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await _appender.AppendAsync(AppenderHarness.Of("a"), CancellationToken.None));
        Assert.Equal(2, _store.Commits);

        static void ThrowIf(bool throws)
        {
            if (throws) throw new NotSupportedException();
        }
    }

    [Fact]
    public void Without_listeners_tracing_allocates_nothing()
    {
        Assert.False(GranaryTracing.Source.HasListeners());
        var append = AppenderHarness.Of("a");
        var error = new InvalidOperationException();
        Trace();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++) Trace();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Trace()
        {
            using var one = GranaryTracing.StartAppend(append, NullLogger.Instance);
            one.SetResult(default);
            one.Fail(error);
            using var other = GranaryTracing.StartCommit(
                new LogPartition(2), 3, 4, NullLogger.Instance);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync();
        await _services.DisposeAsync();
    }

    // The writer answers before its activity ends: once the appender is drained, all have ended.
    private async Task SendAsync(Append append)
    {
        try
        {
            await _appender.AppendAsync(append, TestContext.Current.CancellationToken);
        }
        finally
        {
            await _appender.DrainAsync(TestContext.Current.CancellationToken);
        }
    }

    private sealed class RecordedActivities : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public RecordedActivities()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == GranaryNames.ActivitySource,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                    ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public Activity Single(string name) => Assert.Single(_ended, one => one.OperationName == name);

        public void Dispose() => _listener.Dispose();
    }
}
