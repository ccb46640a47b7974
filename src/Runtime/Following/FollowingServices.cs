using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>Makes the workers of a silo.</summary>
internal sealed class FollowingServices(
    IEventStore store,
    SiloStore silo,
    WorkerRegistry registry,
    IServiceProvider services,
    TimeProvider time,
    ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<LogWorker>().Guarded();

    public ILogger Logger => _logger;

    public TimeProvider Time => time;

    public IEventStore Store => store;

    /// <summary>The event store's own id.</summary>
    public Guid StoreId => silo.StoreId;

    public int PartitionCount => store.PartitionCount;

    /// <summary>The silo's model store.</summary>
    /// <exception cref="InvalidOperationException">Its store keeps no models.</exception>
    public IModelStore Models => ModelStores.Get(services);

    /// <summary>Makes the worker of a reader in a partition; null where this silo has no such reader.</summary>
    public async ValueTask<LogWorker?> CreateAsync(
        string name, LogPartition partition, CancellationToken cancellationToken)
    {
        if (partition.Value >= store.PartitionCount) return null;
        if (await registry.FindAsync(name, cancellationToken) is not { } definition) return null;
        return new LogWorker(definition, partition, CreateShared());
    }

    /// <summary>What the workers of this silo share.</summary>
    public WorkerServices CreateShared() =>
        new(store, Models, services.GetService<ILogTail>(), silo.StoreId, time, _logger)
        {
            Exists = ExistsAsync,
        };

    // A list that contradicts itself ends no reader that runs.
    private async ValueTask<bool> ExistsAsync(WorkerDefinition definition, CancellationToken cancellationToken)
    {
        try
        {
            return await registry.FindAsync(definition.Name, cancellationToken) is { } found
                && found.Id == definition.Id;
        }
        catch (InvalidOperationException fault)
        {
            FollowingLog.NotListed(_logger, fault);
            return true;
        }
    }
}
