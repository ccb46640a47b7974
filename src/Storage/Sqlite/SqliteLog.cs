using Microsoft.Extensions.Logging;

namespace Granary.Storage.Sqlite;

/// <summary>What the SQLite store logs; ids 3000 to 3099.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(3001, LogLevel.Warning,
        "The upkeep of {Path} failed; nothing is lost, and it is tried again when more events have come")]
    public static partial void UpkeepFailed(this ILogger logger, Exception exception, string path);

    [LoggerMessage(3002, LogLevel.Warning,
        "The index of {Path} was not written out at the end; the next start catches up from the log")]
    public static partial void IndexNotWritten(this ILogger logger, Exception exception, string path);

    [LoggerMessage(3003, LogLevel.Information, "{Path} was migrated from schema {From} to {To}")]
    public static partial void Migrated(this ILogger logger, string path, long from, long to);
}
