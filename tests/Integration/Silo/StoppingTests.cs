using Granary.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

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

    public void Dispose() => _data.Dispose();
}
