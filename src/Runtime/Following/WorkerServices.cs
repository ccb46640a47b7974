using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What the workers of a silo share.</summary>
internal sealed record WorkerServices(
    IEventStore Store,
    IModelStore Models,
    ILogTail? Tail,
    Guid StoreId,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Whether there still is this reader.</summary>
    public Func<WorkerDefinition, CancellationToken, ValueTask<bool>> Exists { get; init; } =
        static (_, _) => ValueTask.FromResult(true);
}
