using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>What is logged when a stream adopts an old log; ids 1700 to 1799.</summary>
internal static partial class AdoptionLog
{
    [LoggerMessage(1700, LogLevel.Information,
        "Stream {Stream}: {Events} event(s) were adopted from the grain storage {Storage}")]
    public static partial void Adopted(this ILogger logger, StreamName stream, int events, string storage);

    [LoggerMessage(1701, LogLevel.Warning,
        "Stream {Stream}: its old log in the grain storage {Storage} grew to {Events} event(s) while it was adopted. "
        + "A silo still writes there: stop it, for what it writes from now on is lost")]
    public static partial void OldLogGrew(this ILogger logger, StreamName stream, int events, string storage);
}
