using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of retention; ids 1800 to 1899.</summary>
internal static partial class RetentionLog
{
    [LoggerMessage(1801, LogLevel.Information,
        "Retention of {Category}: {Truncated} of {Streams} streams were truncated, {HeldBack} are held back by readers "
        + "of the log")]
    public static partial void Applied(ILogger logger, string category, int truncated, int streams, int heldBack);

    [LoggerMessage(1802, LogLevel.Warning,
        "Retention of {Category}: stream {Stream} was not truncated; it is tried again at the next time")]
    public static partial void NotTruncated(ILogger logger, Exception error, string category, StreamName stream);

    [LoggerMessage(1803, LogLevel.Warning,
        "Retention of {Category}: {Failed} streams were not truncated; further ones are not logged one by one")]
    public static partial void ManyNotTruncated(ILogger logger, string category, int failed);

    [LoggerMessage(1804, LogLevel.Warning,
        "Retention of {Category} could not be applied now; it is tried again at the next time")]
    public static partial void NotApplied(ILogger logger, Exception error, string category);

    [LoggerMessage(1805, LogLevel.Warning,
        "Retention of {Category}: the reader {Reader} of the log holds back what was to be removed. Where there is no "
        + "such reader any more, delete its checkpoint; a build of a projection is dropped instead")]
    public static partial void HeldBack(ILogger logger, string category, string reader);

    [LoggerMessage(1806, LogLevel.Warning,
        "Retention of {Category} is not applied: {Reason}")]
    public static partial void OfOthers(ILogger logger, string category, string reason);

    [LoggerMessage(1807, LogLevel.Warning,
        "The clock was set by {Seconds} seconds: rules of retention that name days are not applied this time")]
    public static partial void ClockWasSet(ILogger logger, double seconds);
}
