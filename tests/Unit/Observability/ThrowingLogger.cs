using Microsoft.Extensions.Logging;

namespace Granary.Tests.Unit.Observability;

/// <summary>A logger whose provider throws, as <see cref="ILogger"/> passes it on.</summary>
internal sealed class ThrowingLogger<T> : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw new NotSupportedException("The log is full.");

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => throw new NotSupportedException("The log is full.");
}
