using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of reactors; ids 2600 to 2699.</summary>
internal static partial class ReactorLog
{
    [LoggerMessage(2601, LogLevel.Warning,
        "Reactor {Reader}: effect {Effect} of an event of {Stream} failed at try {Try}: {Error}")]
    public static partial void EffectFailed(
        ILogger logger, string reader, Guid effect, StreamName stream, int @try, string error);

    [LoggerMessage(2602, LogLevel.Warning, "Old effects were not removed from the ledger now; it is tried again later")]
    public static partial void NotPruned(ILogger logger, Exception error);

    [LoggerMessage(2603, LogLevel.Information, "{Count} old effects were removed from the ledger")]
    public static partial void Pruned(ILogger logger, int count);
}
