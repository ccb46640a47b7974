using Microsoft.Extensions.Logging;

namespace Granary;

/// <summary>
/// A logger whose own errors do not reach what logs: a log provider that throws, which <see cref="ILogger"/> passes on,
/// must neither change the outcome of a call nor end a writer.
/// </summary>
internal sealed class GuardedLogger(ILogger inner) : ILogger
{
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // The log is where it would be reported.
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}

internal static class GuardedLoggerExtensions
{
    /// <summary>The logger, without its own errors.</summary>
    public static ILogger Guarded(this ILogger logger) => new GuardedLogger(logger);
}
