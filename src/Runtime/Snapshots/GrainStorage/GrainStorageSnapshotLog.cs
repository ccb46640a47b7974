using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

internal static partial class GrainStorageSnapshotLog
{
    [LoggerMessage(2401, LogLevel.Warning,
        "The snapshots of {Stream} in the grain storage could not be read; more of its events are replayed")]
    public static partial void RecordNotRead(this ILogger logger, Exception exception, StreamName stream);

    [LoggerMessage(2402, LogLevel.Warning,
        "The record of the snapshots of {Stream} in the grain storage could not be changed after a clearing or "
        + "truncation. What was removed is not in it; for some minutes no snapshot of the stream is kept")]
    public static partial void RemovalNotEnded(this ILogger logger, Exception exception, StreamName stream);
}
