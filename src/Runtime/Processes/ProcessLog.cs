using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of process managers; ids 2800 to 2899.</summary>
internal static partial class ProcessLog
{
    [LoggerMessage(2801, LogLevel.Warning,
        "The deadline {Deadline} of {Process} was not handled; it is tried again within seconds")]
    public static partial void DeadlineFailed(ILogger logger, Exception error, string deadline, GrainId process);
}
