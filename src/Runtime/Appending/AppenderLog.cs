using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What the appender logs; ids 1200 to 1299.</summary>
internal static partial class AppenderLog
{
    [LoggerMessage(1200, LogLevel.Information,
        "The event store is ready: {StoreId}, whose log has {Partitions} partition(s).")]
    public static partial void StoreReady(ILogger logger, Guid storeId, int partitions);

    [LoggerMessage(1201, LogLevel.Error, "The event store could not be made ready, so the silo does not start.")]
    public static partial void StoreNotReady(ILogger logger, Exception error);

    [LoggerMessage(1202, LogLevel.Warning,
        "A commit of {Appends} append(s) to partition {Partition} failed; all of their callers get the error.")]
    public static partial void CommitFailed(ILogger logger, Exception error, LogPartition partition, int appends);

    [LoggerMessage(1203, LogLevel.Warning,
        "The store refused an append to stream {Stream}; its caller alone gets the error.")]
    public static partial void AppendRefused(ILogger logger, Exception error, StreamName stream);

    [LoggerMessage(1204, LogLevel.Debug,
        "One of {Appends} appends to partition {Partition} is at fault ({Reason}); the batch is split to find it.")]
    public static partial void BatchSplit(ILogger logger, int appends, LogPartition partition, string reason);

    [LoggerMessage(1205, LogLevel.Information, "The appender is drained: every append was answered.")]
    public static partial void Drained(ILogger logger);

    [LoggerMessage(1206, LogLevel.Warning,
        "The silo's time to stop ran out before the appender was drained; appends that wait are refused.")]
    public static partial void DrainAborted(ILogger logger);

    [LoggerMessage(1207, LogLevel.Critical, "The writer of partition {Partition} ended by an error of its own.")]
    public static partial void WriterEnded(ILogger logger, Exception error, LogPartition partition);

    [LoggerMessage(1208, LogLevel.Critical,
        "A caller of partition {Partition} could not be called back with its answer; the others are.")]
    public static partial void NotCalledBack(ILogger logger, Exception error, LogPartition partition);

    [LoggerMessage(1209, LogLevel.Error,
        "A commit to partition {Partition} has not ended within {TimeoutMs} ms; its callers, and those that wait, get "
        + "an error.")]
    public static partial void CommitExpired(ILogger logger, LogPartition partition, double timeoutMs);

    [LoggerMessage(1211, LogLevel.Warning,
        "Silo {Owner} did not commit a batch of partition {Partition} in time. This silo commits it, and the next ones "
        + "for {Seconds} s or longer; nothing is lost and nothing lands twice.")]
    public static partial void OwnerNotAnswering(
        ILogger logger, Exception error, SiloAddress owner, LogPartition partition, double seconds);

    [LoggerMessage(1212, LogLevel.Warning,
        "Silo {Silo} did not answer which store it has; whether it is the store of this silo is not known")]
    public static partial void StoreNotCompared(ILogger logger, Exception error, SiloAddress silo);

    [LoggerMessage(1210, LogLevel.Error,
        "What was cleared could not be removed from the store. Nobody reads it, but it is still there; it is tried "
        + "again every minute. Further failures are not logged until it has succeeded.")]
    public static partial void NotScrubbed(ILogger logger, Exception error);
}
