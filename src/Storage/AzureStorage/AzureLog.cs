using Microsoft.Extensions.Logging;

namespace Granary.Storage.AzureStorage;

/// <summary>The log messages of the store on Azure Storage; ids 3200 to 3299.</summary>
internal static partial class AzureLog
{
    [LoggerMessage(3201, LogLevel.Information, "A new, empty store was created: {Store}")]
    public static partial void Created(this ILogger logger, string store);

    [LoggerMessage(3202, LogLevel.Warning,
        "{Store} could not be looked at for what other processes appended; who waits for it reads the log instead")]
    public static partial void TailNotRead(this ILogger logger, Exception exception, string store);

    [LoggerMessage(3203, LogLevel.Warning,
        "A commit to partition {Partition} of {Store} got no answer, and whether it landed could not be read: it may "
        + "land later")]
    public static partial void CommitNotResolved(
        this ILogger logger, Exception exception, LogPartition partition, string store);

    [LoggerMessage(3204, LogLevel.Warning,
        "Blob {Blob} of {Store} is not used any more and could not be deleted; it is deleted later")]
    public static partial void BlobNotDeleted(this ILogger logger, Exception exception, string blob, string store);

    [LoggerMessage(3205, LogLevel.Information, "{Count} blobs that no row of {Store} points to were deleted")]
    public static partial void BlobsSwept(this ILogger logger, int count, string store);

    [LoggerMessage(3206, LogLevel.Warning,
        "A commit of models of {Store} has landed, and some of its rows are still locked; who writes them next unlocks "
        + "them")]
    public static partial void ModelsNotFinished(this ILogger logger, Exception exception, string store);

    [LoggerMessage(3207, LogLevel.Warning,
        "A commit of models of {Store} got no answer, and whether it landed could not be read: it may land later")]
    public static partial void ModelsNotResolved(this ILogger logger, Exception exception, string store);

    [LoggerMessage(3208, LogLevel.Information,
        "Of models of {Store}, {Decisions} decisions of commits whose processes had ended and the rows of {Tables} "
        + "dropped tables were deleted")]
    public static partial void ModelsSwept(this ILogger logger, int decisions, int tables, string store);
}
