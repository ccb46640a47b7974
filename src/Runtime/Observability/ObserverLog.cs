using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of who observes Granary; ids 1400 to 1499.</summary>
internal static partial class ObserverLog
{
    [LoggerMessage(1401, LogLevel.Warning, "A listener to Granary's metrics threw; what it listens to goes on.")]
    public static partial void NotMeasured(ILogger logger, Exception error);

    [LoggerMessage(1402, LogLevel.Warning, "A listener to Granary's activities threw; what it listens to goes on.")]
    public static partial void NotTraced(ILogger logger, Exception error);
}
