using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Chooses the store in memory.</summary>
public static class MemoryGranaryBuilderExtensions
{
    /// <summary>Keeps events, snapshots and models in the memory of this process: for tests and trials.</summary>
    public static IGranaryBuilder UseMemory(this IGranaryBuilder builder, int partitionCount = 1)
    {
        var snapshots = new MemorySnapshotStore();
        var events = new MemoryEventStore(partitionCount, snapshots);
        builder.Services.AddSingleton<IEventStore>(events).AddSingleton<ILogTail>(events)
            .AddSingleton<IStreamCatalog>(events);
        builder.Services.AddSingleton<ISnapshotStore>(snapshots);
        builder.Services.AddSingleton<ICheckpointStore>(new MemoryCheckpointStore());
        builder.Services.AddSingleton<IModelStore>(new MemoryModelStore());
        return builder;
    }
}
