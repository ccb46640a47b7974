using System.Diagnostics.Metrics;
using Granary.Testing;
using Granary.Tests.Unit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Observability;

public sealed class GrainMetricsTests
{
    [Fact]
    public async Task A_grain_reports_its_replays_its_snapshots_and_its_retries()
    {
        var store = new FaultInjectingEventStore(new Granary.Runtime.MemoryEventStore());
        await using var cluster = await GranaryTestCluster.StartAsync(new() { Store = store });
        var silo = (InProcessSiloHandle)cluster.Cluster.Silos[0];
        using var measured = new Measured(silo.SiloHost.Services.GetRequiredService<IMeterFactory>());
        var door = cluster.Grains.GetGrain<IDoorGrain>("front");

        await door.Open("Ada");
        store.FailBeforeCommit(1);
        await door.Close();
        await door.Leave();
        await door.IsOpen();

        Assert.Equal(["1 {try}"], measured.Of("granary.append.retries"));
        Assert.Equal(["0 {event}", "2 {event}"], measured.Of("granary.replay.events"));
        Assert.Equal(2, measured.Of("granary.replay.duration").Length);
        Assert.Equal(["1 {snapshot}", "1 {snapshot}"], measured.Of("granary.snapshot.misses"));
        Assert.Empty(measured.Of("granary.snapshot.hits"));
        Assert.Equal(["1 {event}", "1 {event}"], measured.Of("granary.events.appended"));
    }
}
