using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.EventSourcing;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>
/// What Orleans' event sourcing needs of a silo for each grain; its own implementation is internal to it.
/// </summary>
internal sealed partial class ProtocolServices(
    IGrainContext context, ILogger<ProtocolServices> logger, DeepCopier copier, ILocalSiloDetails silo)
    : ILogConsistencyProtocolServices
{
    private readonly ILogger _logger = logger.Guarded();

    public GrainId GrainId => context.GrainId;

    public string MyClusterId => silo.ClusterId;

    public T DeepCopy<T>(T value) => copier.Copy(value)!;

    public void ProtocolError(string msg, bool throwexception)
    {
        LogProtocolError(_logger, GrainId, msg);
        if (throwexception) throw new OrleansException($"{msg} (grain {GrainId}, cluster {MyClusterId})");
    }

    public void CaughtException(string where, Exception e) => LogCaught(_logger, e, GrainId, where);

    public void CaughtUserCodeException(string callback, string where, Exception e) =>
        LogCaughtInCallback(_logger, e, GrainId, callback, where);

    public void Log(LogLevel level, string format, params object[] args)
    {
        if (_logger.IsEnabled(level))
            LogLine(_logger, level, GrainId, string.Format(CultureInfo.InvariantCulture, format, args));
    }

    [LoggerMessage(1101, LogLevel.Error, "Journal of {GrainId}: {Message}")]
    private static partial void LogProtocolError(ILogger logger, GrainId grainId, string message);

    [LoggerMessage(1102, LogLevel.Error, "Journal of {GrainId}: error caught in {Where}")]
    private static partial void LogCaught(ILogger logger, Exception exception, GrainId grainId, string where);

    [LoggerMessage(1103, LogLevel.Warning, "Journal of {GrainId}: the grain's {Callback} threw, called from {Where}")]
    private static partial void LogCaughtInCallback(
        ILogger logger, Exception exception, GrainId grainId, string callback, string where);

    [LoggerMessage(EventId = 1104, Message = "Journal of {GrainId}: {Message}")]
    private static partial void LogLine(ILogger logger, LogLevel level, GrainId grainId, string message);
}
