using Granary.Silo;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Integration;

/// <summary>A stop is orderly whenever it comes, during the start too.</summary>
public sealed class StoppingTests : IDisposable
{
    private readonly TempFolder _data = new();

    // Each step of the start that the log shows at this level is a moment for the signal.
    [Theory]
    [InlineData("Starting")]
    [InlineData("event store is ready")]
    [InlineData("Granary is up")]
    public async Task A_stop_during_the_start_ends_without_a_fault(string moment)
    {
        await using var silo = SiloProcess.Launch(_data.Path, "--Logging:LogLevel:Orleans=Debug");
        await silo.SaysAsync(moment);
        await silo.StopAsync();
        Assert.Equal(0, silo.ExitCode);
        Assert.DoesNotContain("Unhandled", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot start", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_is_stopped_logs_no_failures_of_Orleans_and_one_that_is_not_logs_them()
    {
        using var stop = new CancellationTokenSource();
        var start = new StartLog { Stop = stop.Token };
        using var factory = LoggerFactory.Create(logging => logging.AddConsole().Services
            .AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(start));
        var orleans = factory.CreateLogger("Orleans.Runtime.MembershipService.MembershipAgent");
        var own = factory.CreateLogger("Granary.Runtime.Appender");
        Assert.True(orleans.IsEnabled(LogLevel.Error));
        await stop.CancelAsync();
        Assert.False(orleans.IsEnabled(LogLevel.Error));
        Assert.True(own.IsEnabled(LogLevel.Error));
        start.Open();
        Assert.True(orleans.IsEnabled(LogLevel.Error));
    }

    // The server's own limits end with its stop. A half request would take all the time of the stop, and of the drain.
    [Fact]
    public async Task A_connection_does_not_hold_up_a_stop_for_ever()
    {
        var (time, lifetime) = (new FakeTimeProvider(), new Lifetime());
        var connection = new OpenConnection();
        var ended = new TaskCompletionSource();
        var serving = new StopLimit(lifetime, time).ServeAsync(connection, _ => ended.Task);
        time.Advance(StopLimit.Max * 2);
        Assert.False(connection.IsAborted);

        lifetime.StopApplication();
        time.Advance(StopLimit.Max - TimeSpan.FromTicks(1));
        Assert.False(connection.IsAborted);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True(connection.IsAborted);
        ended.SetResult();
        await serving;
    }

    public void Dispose() => _data.Dispose();

    private sealed class OpenConnection : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();
    }
}
