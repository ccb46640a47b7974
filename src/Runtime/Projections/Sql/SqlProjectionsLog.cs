using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged of SQL projections; ids 2200 to 2299.</summary>
internal static partial class SqlProjectionsLog
{
    [LoggerMessage(2201, LogLevel.Information,
        "The tables of {Build} were reset; every event of the log is applied from the first one on")]
    public static partial void Reset(ILogger logger, string build);

    [LoggerMessage(2202, LogLevel.Warning,
        "The SQL projection {Projection} has version {Version} in this silo, and a later one resets its tables, or "
        + "has: the silos with that one fill them. Update this silo; to return to its code, give it a version after "
        + "that one")]
    public static partial void IsOld(ILogger logger, string projection, int version);
}
