using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of the builds of projections; ids 2100 to 2199.</summary>
internal static partial class BuildsLog
{
    [LoggerMessage(2101, LogLevel.Information,
        "The build {Build} was compared with {Published}: {Differences} rows differ. {NotCompared}")]
    public static partial void Compared(
        ILogger logger, string build, string published, long differences, string notCompared);

    [LoggerMessage(2102, LogLevel.Information,
        "The build {Build} is ready; it serves queries from now on: {Published}")]
    public static partial void Ready(ILogger logger, string build, bool published);

    [LoggerMessage(2103, LogLevel.Information,
        "{Build} serves the queries of {Projection} from now on, as it was asked")]
    public static partial void Switched(ILogger logger, string build, string projection);

    [LoggerMessage(2104, LogLevel.Information, "The build {Build} was dropped, as it was asked")]
    public static partial void Dropped(ILogger logger, string build);

    [LoggerMessage(2105, LogLevel.Warning, "The builds of {Projection} could not be looked after; it is tried again")]
    public static partial void NotAdvanced(ILogger logger, Exception error, string projection);
}
