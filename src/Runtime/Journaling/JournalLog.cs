using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

internal static partial class JournalLog
{
    [LoggerMessage(1001, LogLevel.Error,
        "Stream {Stream}: {Events} event(s) after version {Version} were not confirmed; the grain deactivates")]
    public static partial void EventsNotConfirmed(
        this ILogger logger, Exception exception, StreamName stream, int events, long version);

    [LoggerMessage(1002, LogLevel.Debug, "Stream {Stream}: another writer was faster, now at version {Version}")]
    public static partial void LostRace(this ILogger logger, StreamName stream, long version);

    [LoggerMessage(1003, LogLevel.Warning,
        "Stream {Stream}: the snapshot at version {Version} does not match and is not used")]
    public static partial void SnapshotIgnored(this ILogger logger, StreamName stream, long version);

    [LoggerMessage(1004, LogLevel.Warning,
        "Stream {Stream}: the state could not be sent with the migrating grain; the next silo replays the stream")]
    public static partial void NotMigrated(this ILogger logger, Exception exception, StreamName stream);

    [LoggerMessage(1005, LogLevel.Warning, "Stream {Stream}: no snapshot could be taken at version {Version}")]
    public static partial void SnapshotNotTaken(
        this ILogger logger, Exception exception, StreamName stream, long version);

    [LoggerMessage(1006, LogLevel.Warning, "Stream {Stream}: the snapshot at version {Version} could not be read")]
    public static partial void SnapshotNotRead(
        this ILogger logger, Exception exception, StreamName stream, long version);

    [LoggerMessage(1007, LogLevel.Warning,
        "Stream {Stream} is truncated, and its state is from a snapshot at version {Version} of other code or of "
        + "another shape, as AcceptOldOfTruncated allows")]
    public static partial void OldSnapshotAccepted(this ILogger logger, StreamName stream, long version);
}
