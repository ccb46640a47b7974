using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Testing;

/// <summary>An Orleans cluster in this process whose silos share one event store.</summary>
public sealed class GranaryTestCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private GranaryTestCluster(InProcessTestCluster cluster, IEventStore store, IModelStore models)
    {
        _cluster = cluster;
        (Store, Models) = (store, models);
    }

    /// <summary>The store that the silos share.</summary>
    public IEventStore Store { get; }

    /// <summary>The store of models that the silos share.</summary>
    public IModelStore Models { get; }

    /// <summary>Makes references to grains.</summary>
    public IGrainFactory Grains => _cluster.Client;

    /// <summary>The cluster itself, to stop and start its silos.</summary>
    public InProcessTestCluster Cluster => _cluster;

    /// <summary>Starts a cluster.</summary>
    /// <param name="options">What it consists of; null for one silo on the memory store.</param>
    public static async Task<GranaryTestCluster> StartAsync(GranaryTestClusterOptions? options = null)
    {
        options ??= new GranaryTestClusterOptions();
        var memory = new MemorySnapshotStore();
        var store = options.Store ?? new MemoryEventStore(1, memory);
        var snapshots = options.Snapshots ?? memory;
        var models = options.Models ?? new MemoryModelStore();
        await store.InitializeAsync(CancellationToken.None);

        var builder = new InProcessTestClusterBuilder(options.SiloCount);
        builder.ConfigureSilo((_, silo) =>
        {
            if (options.Time is { } time) silo.Services.AddSingleton(time);
            silo.Services.AddSingleton(store);
            silo.Services.AddSingleton(snapshots);
            silo.Services.AddSingleton(models);
            if (store is ILogTail tail) silo.Services.AddSingleton(tail);
            var granary = silo.AddGranary();
            options.Configure?.Invoke(silo, granary);
        });
        var cluster = builder.Build();
        try
        {
            await cluster.DeployAsync();
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return new GranaryTestCluster(cluster, store, models);
    }

    /// <summary>Stops the silos. The caller disposes of the store.</summary>
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
