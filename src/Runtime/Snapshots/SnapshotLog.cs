using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

internal static partial class SnapshotLog
{
    [LoggerMessage(1301, LogLevel.Information,
        "No snapshots are taken of {StateType}: Orleans cannot serialize it. [GenerateSerializer] on it enables them")]
    public static partial void NoSnapshots(this ILogger logger, Type stateType);

    [LoggerMessage(1302, LogLevel.Warning, "The snapshot of {Stream} at version {Version} was not written")]
    public static partial void SnapshotNotWritten(
        this ILogger logger, Exception exception, StreamName stream, long version);

    [LoggerMessage(1303, LogLevel.Debug, "The snapshot of {Stream} at version {Version} was dropped: too many wait")]
    public static partial void SnapshotDropped(this ILogger logger, StreamName stream, long version);

    [LoggerMessage(1304, LogLevel.Warning,
        "No snapshots are taken of {StateType}: Orleans' serializer would leave {Member} out. Give it an [Id]")]
    public static partial void NoWholeSnapshots(this ILogger logger, Type stateType, string member);

    [LoggerMessage(1306, LogLevel.Warning, "The snapshots of {Stream} could not be read; the stream is replayed")]
    public static partial void SnapshotsNotRead(this ILogger logger, Exception exception, StreamName stream);

    [LoggerMessage(1307, LogLevel.Warning,
        "No snapshot is taken of a {StateType}: it would not be read back as it is, because of {Reason}")]
    public static partial void NoSnapshotOfState(this ILogger logger, Type stateType, string reason);

    [LoggerMessage(1305, LogLevel.Warning, "{Count} snapshots were not written before the silo's time to stop ran out")]
    public static partial void SnapshotsNotDrained(this ILogger logger, int count);
}
