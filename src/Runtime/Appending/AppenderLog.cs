using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

internal static partial class AppenderLog
{
    [LoggerMessage(1201, LogLevel.Warning, "Partition {Partition}: a commit of {Appends} append(s) failed")]
    public static partial void CommitFailed(this ILogger logger, Exception exception, int partition, int appends);
}
