using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Unit.Appending;

public sealed class DrainTests
{
    [Fact]
    public async Task Draining_answers_what_was_queued_and_accepts_nothing_more()
    {
        await using var harness = new AppenderHarness();
        var (first, running) = await harness.OccupyAsync();
        var queued = harness.Send("queued");

        var drained = harness.Appender.DrainAsync(TestContext.Current.CancellationToken);
        var late = harness.Send("late");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => late);
        Assert.False(drained.IsCompleted);
        running.Release();
        var last = await harness.Store.NextAsync();
        last.Release();
        await drained;

        Assert.Equal(["queued"], last.Keys);
        Assert.Equal(AppendOutcome.Appended, (await first).Outcome);
        Assert.Equal(AppendOutcome.Appended, (await queued).Outcome);
    }

    [Fact]
    public async Task Disposing_drains_and_may_come_twice()
    {
        await using var harness = new AppenderHarness();
        var (first, running) = await harness.OccupyAsync();

        var disposed = harness.Appender.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);
        running.Release();
        await disposed;
        await harness.Appender.DisposeAsync();

        Assert.Equal(AppendOutcome.Appended, (await first).Outcome);
    }

    [Fact]
    public async Task When_the_time_to_stop_runs_out_what_waits_is_refused_and_no_caller_hangs()
    {
        await using var harness = new AppenderHarness();
        using var deadline = new CancellationTokenSource();
        var (first, _) = await harness.OccupyAsync();
        var queued = harness.Send("queued");

        var drained = harness.Appender.DrainAsync(deadline.Token);
        await deadline.CancelAsync();
        await drained;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => queued);
        Assert.False(harness.Store.HasUnseen);
    }

    [Fact]
    public async Task An_appender_that_was_never_used_drains_and_then_accepts_nothing()
    {
        await using var harness = new AppenderHarness();

        await harness.Appender.DrainAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => harness.Send("late"));
    }

    [Fact]
    public async Task The_store_is_made_ready_before_grains_run_and_drained_after_they_have_stopped()
    {
        await using var harness = new AppenderHarness();
        var lifecycle = new RecordedLifecycle();
        harness.Lifecycle(harness.SiloStore).Participate(lifecycle);
        Assert.True(lifecycle.Stage < ServiceLifecycleStage.RuntimeGrainServices);

        await lifecycle.Observer!.OnStart(TestContext.Current.CancellationToken);
        Assert.True(harness.Store.IsInitialized);

        await lifecycle.Observer.OnStop(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => harness.Send("late"));
    }

    [Fact]
    public async Task A_store_that_cannot_be_made_ready_stops_the_start_with_its_own_error()
    {
        await using var harness = new AppenderHarness();
        var store = new GateStore { InitializeError = new StoreSchemaException("Written by a newer Granary.") };
        var lifecycle = new RecordedLifecycle();
        harness.Lifecycle(new SiloStore(store)).Participate(lifecycle);

        await Assert.ThrowsAsync<StoreSchemaException>(
            () => lifecycle.Observer!.OnStart(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(nameof(AppenderOptions.QueueLengthMax))]
    [InlineData(nameof(AppenderOptions.BatchEventsMax))]
    [InlineData(nameof(AppenderOptions.BatchSizeMaxBytes))]
    public async Task A_setting_out_of_range_is_refused_by_name(string setting)
    {
        var services = new ServiceCollection();
        services.AddGranaryAppender();
        services.Configure<AppenderOptions>(
            options => typeof(AppenderOptions).GetProperty(setting)!.SetValue(options, 0));
        await using var provider = services.BuildServiceProvider();

        var refusal = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IOptions<AppenderOptions>>().Value);
        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    private sealed class RecordedLifecycle : ISiloLifecycle
    {
        public int Stage { get; private set; }

        public ILifecycleObserver? Observer { get; private set; }

        public int HighestCompletedStage => Stage;

        public int LowestStoppedStage => Stage;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            (Stage, Observer) = (stage, observer);
            return new MemoryStream();
        }
    }
}
