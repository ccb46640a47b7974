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
    ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<LogWorker>().Guarded();
    private readonly Lock _lock = new();
    private ReaderWatch? _watch;

    public ILogger Logger => _logger;

    public TimeProvider Time => time;

    public IEventStore Store => store;

    /// <summary>The event store's own id.</summary>
    public Guid StoreId => silo.StoreId;

    public int PartitionCount => store.PartitionCount;

    /// <summary>The silo's model store.</summary>
    /// <exception cref="InvalidOperationException">Its store keeps no models.</exception>
    public IModelStore Models => ModelStores.Get(services);

    /// <summary>What is asked of the readers of this silo.</summary>
    public ReaderWatch Watch
    {
        get
        {
            lock (_lock) return _watch ??= new ReaderWatch(ReadOrdersAsync, time);
        }
    }

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
            Watch = Watch,
        };

    /// <summary>Ends the read of what is asked of the readers.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock) return _watch?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private async Task<ReaderOrders> ReadOrdersAsync(long at, CancellationToken cancellationToken)
    {
        var readers = await ListAsync(cancellationToken);
        var settings = readers is { Count: 0 }
            ? new Dictionary<string, ModelRow>()
            : await new ReaderSettings(Models).ReadAllAsync(cancellationToken);
        var byName = readers?.ToLookup(static one => one.Name, StringComparer.Ordinal);
        return new ReaderOrders(at, settings)
        {
            Readers = readers,
            Exists = one => byName is null || Exists(one, byName[one.Name]),
        };
    }

    private async ValueTask<IReadOnlyList<WorkerDefinition>?> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await registry.ReadEachAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not StoreUnavailableException and not OperationCanceledException)
        {
            FollowingLog.NotListed(_logger, fault);
            return null;
        }
    }

    // A list that contradicts itself, or cannot be read, ends no reader that runs.
    private bool Exists(WorkerDefinition definition, IEnumerable<WorkerDefinition> found)
    {
        try
        {
            return registry.Choose(found)?.Id == definition.Id;
        }
        catch (InvalidOperationException fault)
        {
            FollowingLog.NotListed(_logger, fault);
            return true;
        }
    }
}
