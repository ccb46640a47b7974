using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of the readers of the log; ids 1900 to 1999.</summary>
internal static partial class FollowingLog
{
    [LoggerMessage(1901, LogLevel.Warning,
        "{Reader} could not handle the event of {Stream} at {Position}, try {Try}; it is tried again")]
    public static partial void EventFailed(
        ILogger logger, Exception error, string reader, StreamName stream, LogPosition position, int @try);

    [LoggerMessage(1902, LogLevel.Error,
        "{Reader} has parked {Stream}: its event at {Position} cannot be handled. The stream's events wait until it is "
        + "retried or dropped; those of other streams are handled")]
    public static partial void Parked(
        ILogger logger, Exception error, string reader, StreamName stream, LogPosition position);

    [LoggerMessage(1903, LogLevel.Information, "{Reader} has handled the events of {Stream}, which was parked")]
    public static partial void Retried(ILogger logger, string reader, StreamName stream);

    [LoggerMessage(1904, LogLevel.Warning,
        "{Reader} has dropped the events of {Stream} from {Position} on, as it was asked")]
    public static partial void Dropped(ILogger logger, string reader, StreamName stream, LogPosition position);

    [LoggerMessage(1905, LogLevel.Warning,
        "{Reader} cannot use the store now, in partition {Partition}; it tries again")]
    public static partial void StoreUnavailable(
        ILogger logger, Exception error, string reader, LogPartition partition);

    [LoggerMessage(1906, LogLevel.Error,
        "{Reader} has stopped in partition {Partition}. It is tried again when it is resumed")]
    public static partial void Stopped(ILogger logger, Exception error, string reader, LogPartition partition);

    [LoggerMessage(1907, LogLevel.Information,
        "{Reader} was taken over by another worker in partition {Partition}; this one ends")]
    public static partial void Overtaken(ILogger logger, string reader, LogPartition partition);

    [LoggerMessage(1908, LogLevel.Warning, "The reader {Reader} could not be woken in partition {Partition}")]
    public static partial void NotWoken(ILogger logger, Exception error, string reader, LogPartition partition);

    [LoggerMessage(1910, LogLevel.Error,
        "The durable subscription {Name} does not run: a {Kind} of this silo has its name. Rename that one, or delete "
        + "the subscription and create it under another name")]
    public static partial void NameInUse(ILogger logger, string name, ReaderKind kind);

    [LoggerMessage(1911, LogLevel.Warning,
        "Events that {Name} has leased in partition {Partition} to a call that was cancelled could not be put back; "
        + "they are handed out again when their leases end")]
    public static partial void NotPutBack(ILogger logger, Exception error, string name, LogPartition partition);

    [LoggerMessage(1912, LogLevel.Warning,
        "A creation or deletion of the durable subscription {Name} was cut off, and what it had left is deleted. "
        + "Create the subscription again where it is needed")]
    public static partial void Finished(ILogger logger, string name);

    [LoggerMessage(1913, LogLevel.Warning,
        "What a creation or deletion of the durable subscription {Name} has left is not deleted yet; it is tried "
        + "again")]
    public static partial void NotFinished(ILogger logger, Exception error, string name);

    [LoggerMessage(1909, LogLevel.Warning, "The readers of the log could not be listed; it is tried again")]
    public static partial void NotListed(ILogger logger, Exception error);
}
