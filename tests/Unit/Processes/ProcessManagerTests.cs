using Granary.Contracts;
using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Processes;

/// <summary>A process that is fed by another category, and its deadlines over a restart.</summary>
public sealed class ProcessManagerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly WatchCalls _calls = new();
    private readonly MemoryEventStore _store = new();
    private readonly MemoryModelStore _models = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_of_another_category_is_handled_once_however_often_it_comes()
    {
        await using var cluster = await StartAsync();
        var recorded = await OpenAsync(cluster);
        for (var times = 0; times < 3; times++) await HandleAsync(cluster, recorded);

        Assert.Equal(["begun"], await cluster.Grains.GetGrain<IWatchGrain>("a").Had());
        Assert.Single(_calls.All);
    }

    [Fact]
    public async Task A_deadline_passes_after_a_restart_and_not_before_its_time_and_once()
    {
        await using (var first = await StartAsync()) await HandleAsync(first, await OpenAsync(first));
        await using var second = await StartAsync();
        _time.Advance(TimeSpan.FromMinutes(59));
        await LookAsync(second);
        Assert.Equal(["begun"], await second.Grains.GetGrain<IWatchGrain>("a").Had());

        _time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync(second);
        await LookAsync(second);
        Assert.Equal(["begun", "ended by hour"], await second.Grains.GetGrain<IWatchGrain>("a").Had());
        Assert.Single(_calls.All, static one => one.StartsWith("deadline", StringComparison.Ordinal));
        Assert.Empty((await _models.QueryAsync(new ModelQuery(DeadlineRow.Table), Token)).Rows);
    }

    [Fact]
    public async Task A_deadline_whose_handling_fails_passes_again_with_the_same_id()
    {
        await using var cluster = await StartAsync();
        await HandleAsync(cluster, await OpenAsync(cluster));
        _time.Advance(TimeSpan.FromHours(1));
        _calls.FailNext();
        await LookAsync(cluster);
        await LookAsync(cluster);

        var ids = _calls.All.Where(static one => one.StartsWith("deadline", StringComparison.Ordinal)).ToArray();
        Assert.Equal((2, 1), (ids.Length, ids.Distinct().Count()));
        Assert.Equal(["begun", "ended by hour"], await cluster.Grains.GetGrain<IWatchGrain>("a").Had());
    }

    [Fact]
    public async Task A_deadline_whose_outcome_is_recorded_is_not_handled_again()
    {
        await using var cluster = await StartAsync();
        await HandleAsync(cluster, await OpenAsync(cluster));
        var process = cluster.Grains.GetGrain<IProcessGrain>(GrainId.Create("unit-watch", "a"));
        for (var times = 0; times < 2; times++) await process.Expire("hour", WatchCalls.Due, Token);
        Assert.Single(_calls.All, static one => one.StartsWith("deadline", StringComparison.Ordinal));

        await process.Expire("hour", WatchCalls.Due.AddHours(1), Token);
        Assert.Equal(
            2, _calls.All.Where(static one => one.StartsWith("deadline", StringComparison.Ordinal)).Distinct().Count());
    }

    [Fact]
    public async Task A_deadline_that_is_removed_does_not_pass()
    {
        await using var cluster = await StartAsync();
        await HandleAsync(cluster, await OpenAsync(cluster));
        await cluster.Grains.GetGrain<IWatchGrain>("a").Remove();
        _time.Advance(TimeSpan.FromHours(2));
        await LookAsync(cluster);

        Assert.Equal(["begun"], await cluster.Grains.GetGrain<IWatchGrain>("a").Had());
    }

    [Fact]
    public async Task The_reader_is_fed_with_its_own_category_and_those_that_are_named()
    {
        await using var cluster = await StartAsync();
        var services = cluster.Cluster.Silos[0].ServiceProvider;
        var source = services.GetServices<IWorkerSource>().OfType<ProcessSource>().Single();
        var definition = Assert.Single(await source.ReadAsync(Token));

        Assert.Equal(("watches", ReaderKind.ProcessManager), (definition.Name, definition.Kind));
        Assert.Equal(["account", "unit-watch"], definition.Filter.Categories!.Order());
        Assert.True(definition is { Durable: true, StartsAtEnd: false });
    }

    private Task<GranaryTestCluster> StartAsync() => GranaryTestCluster.StartAsync(new()
    {
        Store = _store,
        Models = _models,
        Configure = (silo, granary) =>
        {
            silo.Services.AddSingleton(_calls);

            // The readers of the log have the real clock, and the deadlines this one.
            silo.Services.AddSingleton<ProcessDeadlines>(services =>
                ActivatorUtilities.CreateInstance<ProcessDeadlines>(services, _time));
            granary.AddGranaryGrains().AddProcessManager<WatchGrain>(
                "watches", static feeds => feeds.Add("account", static (_, recorded) => recorded.Stream.Key));
        },
    });

    private async Task<RecordedEvent> OpenAsync(GranaryTestCluster cluster)
    {
        await cluster.Grains.GetGrain<IAccountGrain>("a").Open(new("Ada", "EUR", 0));
        var events = await _store.ReadStreamForwardAsync(new("account", "a"), default, 10, Token);
        return Assert.Single(events.Events);
    }

    private static Task HandleAsync(GranaryTestCluster cluster, RecordedEvent recorded) => cluster.Grains
        .GetGrain<IProcessGrain>(GrainId.Create("unit-watch", recorded.Stream.Key)).Handle(recorded, Token);

    private static Task LookAsync(GranaryTestCluster cluster) =>
        cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<ProcessDeadlines>().SuperviseAsync(Token);
}
