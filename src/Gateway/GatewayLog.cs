using Microsoft.Extensions.Logging;

namespace Granary.Gateway;

internal static partial class GatewayLog
{
    [LoggerMessage(2001, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2002, LogLevel.Warning, "{Method} {Path} was answered {Status}")]
    public static partial void RequestNotServed(
        this ILogger logger, Exception exception, string method, string path, int status);

    [LoggerMessage(2003, LogLevel.Warning, "A page of {Path} ended after {Count} events: the next could not be read")]
    public static partial void PageEnded(this ILogger logger, Exception exception, string path, int count);
}
