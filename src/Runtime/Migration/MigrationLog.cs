using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged when a silo stops and its grains go to others; ids 1600 to 1699.</summary>
internal static partial class MigrationLog
{
    [LoggerMessage(1600, LogLevel.Information, "{Grains} grain(s) migrate to {Silos} silo(s), since this one stops")]
    public static partial void HandedOver(ILogger logger, int grains, int silos);

    [LoggerMessage(1601, LogLevel.Warning,
        "The grains of this silo, which stops, do not migrate; they are deactivated, and the next calls replay them")]
    public static partial void NotHandedOver(ILogger logger, Exception error);
}
