using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Upgrade;

/// <summary>
/// A cluster of two silos in this process in the middle of an upgrade: one knows what the next version writes, the
/// other does not. The old one takes a snapshot after each event, the next one none.
/// </summary>
internal sealed class TwoVersions : IAsyncDisposable
{
    private readonly GranaryTestCluster _cluster;

    private TwoVersions(GranaryTestCluster cluster, MemoryEventStore store, MemorySnapshotStore snapshots) =>
        (_cluster, Store, Snapshots) = (cluster, store, snapshots);

    public MemoryEventStore Store { get; }

    public MemorySnapshotStore Snapshots { get; }

    public SiloAddress Old => Find(isNext: false).SiloAddress;

    public SiloAddress Next => Find(isNext: true).SiloAddress;

    public static async Task<TwoVersions> StartAsync()
    {
        var (store, snapshots) = (new MemoryEventStore(), new MemorySnapshotStore());
        var count = 0;
        var cluster = await GranaryTestCluster.StartAsync(new()
        {
            SiloCount = 2,
            Store = store,
            Snapshots = snapshots,
            Configure = (silo, granary) =>
            {
                var isNext = Interlocked.Increment(ref count) == 1;
                silo.Services.AddSingleton(new Version(isNext));
                granary.ConfigureSnapshots(options => (options.Enabled, options.EventsMin, options.EventsMax) =
                    (!isNext, 1, 1));
                if (!isNext) return;
                granary.ConfigureEvents(static events => events.AddEventType<StockDamaged<int>>())
                    .AddUpcaster<DozensToUnits>();
            },
        });
        return new TwoVersions(cluster, store, snapshots);
    }

    /// <summary>Calls a grain; one that is not active becomes so on a silo.</summary>
    public async Task<T> CallAsync<T>(string key, SiloAddress on, Func<IStockGrain, Task<T>> call)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, on);
        try
        {
            return await call(_cluster.Grains.GetGrain<IStockGrain>(key));
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    /// <summary>The same for a call without an answer.</summary>
    public Task CallAsync(string key, SiloAddress on, Func<IStockGrain, Task> call) => CallAsync(key, on, async grain =>
    {
        await call(grain);
        return true;
    });

    /// <summary>Stops the old silo, as the last step of an upgrade does.</summary>
    public Task StopOldAsync() => _cluster.Cluster.StopSiloAsync(Find(isNext: false));

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private InProcessSiloHandle Find(bool isNext) => _cluster.Cluster.Silos.Single(
        one => one.ServiceProvider.GetRequiredService<Version>().IsNext == isNext);

    private sealed record Version(bool IsNext);
}
