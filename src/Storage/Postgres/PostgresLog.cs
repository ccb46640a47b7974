using Microsoft.Extensions.Logging;

namespace Granary.Storage.Postgres;

/// <summary>The log messages of the PostgreSQL store; ids 3100 to 3199.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(3101, LogLevel.Information, "There was no {Store}: a new, empty store was created")]
    public static partial void Created(this ILogger logger, string store);

    [LoggerMessage(3102, LogLevel.Warning,
        "The index of partition {Partition} in {Store} was not flushed; nothing is lost, and it is tried again later")]
    public static partial void IndexNotFlushed(
        this ILogger logger, Exception exception, LogPartition partition, string store);

    [LoggerMessage(3103, LogLevel.Warning,
        "{Store} could not be looked at for what other processes appended; who waits for it reads the log instead")]
    public static partial void TailNotRead(this ILogger logger, Exception exception, string store);

    [LoggerMessage(3104, LogLevel.Warning,
        "A connection was lost in a commit to {Store}, and its server process {Process} could not be ended: {Reason}")]
    public static partial void CommitNotEnded(this ILogger logger, string store, int process, string reason);

    [LoggerMessage(3105, LogLevel.Warning,
        "{Setting} is off on the server of {Store}: a crash of the server can lose or damage what was confirmed")]
    public static partial void NotDurable(this ILogger logger, string setting, string store);

    [LoggerMessage(3107, LogLevel.Information, "{Store} was migrated from schema version {From} to {To}")]
    public static partial void Migrated(this ILogger logger, string store, int from, int to);

    [LoggerMessage(3106, LogLevel.Information,
        "{Store} is reached through a pooler: calls are not prepared, and the server of a lost commit is waited for "
        + "and not ended")]
    public static partial void Pooled(this ILogger logger, string store);

    [LoggerMessage(3108, LogLevel.Warning,
        "The rows of {Store} were not counted; calls may be slow until the server counts them itself")]
    public static partial void RowsNotCounted(this ILogger logger, Exception exception, string store);
}
