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
    /// <summary>What is asked of the readers, and which there still are.</summary>
    public ReaderWatch Watch { get; init; } = ReaderWatch.OfSettings(Models, Time);

    /// <summary>How long it takes until what is asked of the readers is to be read again; more than zero.</summary>
    public TimeSpan LeftUntilOld(ReaderOrders orders)
    {
        // Timers have whole milliseconds.
        var left = WorkerSession.WaitMax - Time.GetElapsedTime(orders.ReadAt);
        return TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(left.TotalMilliseconds)));
    }
}
