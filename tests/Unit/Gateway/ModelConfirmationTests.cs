using System.Reflection;
using Granary.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Unit.Gateway;

/// <summary>What becomes of an append whose models cannot be asked.</summary>
public sealed class ModelConfirmationTests
{
    [Fact]
    public async Task Models_that_do_not_answer_are_named_in_the_answer_and_the_error_is_in_the_log()
    {
        var log = new LogLines();
        await using var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log))
            .BuildServiceProvider();
        var context = Requests.To("/api/streams/orders/a%2Fb?wait=1", "/api/streams/{category}/{key}");
        context.RequestServices = services;
        context.Request.Headers[ModelConfirmation.Asked] = "balances";
        var grains = DispatchProxy.Create<IGrainFactory, SilentGrains>();

        await ModelConfirmation.Of(context.Request)!.WaitAsync(
            grains, new LogPosition(default, new(1)), context.Response, TestContext.Current.CancellationToken);

        Assert.Equal("balances;reason=no-answer", context.Response.Headers[ModelConfirmation.NotSeen]);
        var (message, fault) = Assert.Single(log.Lines);
        Assert.Contains("/api/streams/orders/a%2Fb", message, StringComparison.Ordinal);
        Assert.Contains("balances", message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(fault);
    }

    // Not sealed: the runtime derives the proxy from it.
    public class SilentGrains : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            throw new TimeoutException("It does not answer.");
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public List<(string Message, Exception? Fault)> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add((formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}
