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

    public void Dispose() => _data.Dispose();
}
