using Microsoft.Extensions.Logging;

namespace Granary.Storage.Sqlite;

/// <summary>The log messages of the SQLite store; ids 3000 to 3099.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(3001, LogLevel.Warning,
        "The maintenance of {Path} failed; nothing is lost, and it is tried again in a second")]
    public static partial void MaintenanceFailed(this ILogger logger, Exception exception, string path);

    [LoggerMessage(3002, LogLevel.Warning,
        "The index of {Path} was not flushed at the end; the next start catches up from the log")]
    public static partial void IndexNotFlushed(this ILogger logger, Exception exception, string path);

    [LoggerMessage(3003, LogLevel.Information, "{Path} was migrated from schema {From} to {To}")]
    public static partial void Migrated(this ILogger logger, string path, long from, long to);

    [LoggerMessage(3004, LogLevel.Information, "{Path} did not exist: a new, empty store was created")]
    public static partial void Created(this ILogger logger, string path);

    [LoggerMessage(3005, LogLevel.Warning,
        "The write-ahead log of {Path} could not be truncated: a transaction was open for more than {TimeoutMs} ms. "
        + "It has {Bytes} bytes and grows until that transaction ends")]
    public static partial void WalNotTruncated(this ILogger logger, string path, int timeoutMs, long bytes);

    [LoggerMessage(3006, LogLevel.Warning,
        "{Path} could not be looked at for what other processes appended; who waits for it reads the log instead")]
    public static partial void TailNotRead(this ILogger logger, Exception exception, string path);
}
