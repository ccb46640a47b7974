using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of the checks of models; ids 2300 to 2399.</summary>
internal static partial class TruthCheckLog
{
    [LoggerMessage(2301, LogLevel.Error,
        "The model {Key} of {Projection}, in {Build}, differs from what its stream's events are folded into: the row "
        + "was changed by others, or the code without a new version. Build the projection anew")]
    public static partial void Differs(ILogger logger, string key, string projection, string build);

    [LoggerMessage(2302, LogLevel.Information,
        "{Equal} models of {Projection}, in {Build}, that differed are again what the log says")]
    public static partial void Corrected(ILogger logger, int equal, string projection, string build);

    [LoggerMessage(2303, LogLevel.Warning,
        "The models of {Projection} could not be checked now; they are checked the next time")]
    public static partial void NotChecked(ILogger logger, Exception error, string projection);
}
