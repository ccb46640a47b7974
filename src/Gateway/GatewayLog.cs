using Microsoft.Extensions.Logging;

namespace Granary.Gateway;

internal static partial class GatewayLog
{
    [LoggerMessage(2001, LogLevel.Error, "{Method} {Path} failed; trace {TraceId}")]
    public static partial void RequestFailed(
        this ILogger logger, Exception exception, string method, string path, string traceId);

    [LoggerMessage(2002, LogLevel.Warning, "{Method} {Path} was answered {Status}; trace {TraceId}")]
    public static partial void RequestNotServed(
        this ILogger logger, Exception exception, string method, string path, int status, string traceId);

    [LoggerMessage(2003, LogLevel.Warning, "A page of {Path} ended after {Count} events: the next could not be read")]
    public static partial void PageEnded(this ILogger logger, Exception exception, string path, int count);

    [LoggerMessage(2004, LogLevel.Warning, "A live reader of {Path} was ended at {Id}: {Reason}")]
    public static partial void LiveReaderEnded(
        this ILogger logger, Exception? exception, string path, string id, string reason);

    [LoggerMessage(
        2005, LogLevel.Warning, "An append to {Path} is stored, but {Projection} did not confirm it; trace {TraceId}")]
    public static partial void AppendNotConfirmed(
        this ILogger logger, Exception exception, string path, string projection, string traceId);
}
