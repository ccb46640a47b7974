using System.Net;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

/// <summary>The health check of a container: the silo's own program asks the silo that runs.</summary>
public sealed class HealthCommandTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    public async Task A_silo_that_is_well_is_0_and_one_that_does_not_run_is_1(string question)
    {
        string[] asked;
        await using (var silo = await SiloProcess.StartAsync(_data.Path))
        {
            // Set on every address, as in a container: that is no address to call.
            asked = [$"--Granary:Url=http://0.0.0.0:{silo.Url.Port}", $"--health={question}"];
            Assert.Equal((0, $"{question}\n"), await SiloProcess.RunAsync(asked));
        }

        var (exitCode, output) = await SiloProcess.RunAsync(asked);
        Assert.Equal(1, exitCode);
        Assert.Contains($"/health/{question} did not answer", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_lives_and_is_not_ready_is_0_for_live_and_1_for_ready()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        await using var gateway = await SiloProcess.StartAsync(
            _data.Path, "--Granary:Role=gateway", $"--Granary:GatewayPort={silo.GatewayPort}");
        await silo.KillAsync();
        var url = $"--Granary:Url={gateway.Url.GetLeftPart(UriPartial.Authority)}";

        Assert.Equal((0, "live\n"), await SiloProcess.RunAsync(url, "--health", "live"));
        var (exitCode, output) = await SiloProcess.RunAsync(url, "--health", "ready");
        Assert.True(exitCode == 1, output);
        Assert.Contains("/health/ready answered 503: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_proxy_of_the_environment_is_asked()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        var port = FreePort();
        await using var check = SiloProcess.Launch(
            _data.Path, [("HTTP_PROXY", $"http://127.0.0.1:{port}"), ("http_proxy", $"http://127.0.0.1:{port}")],
            $"--Granary:Url={silo.Url.GetLeftPart(UriPartial.Authority)}", "--health=ready");
        await check.ExitAsync();
        Assert.True(check.ExitCode == 0, check.Output);
    }

    [Theory]
    [InlineData("--health")]
    [InlineData("--health=well")]
    public async Task A_question_that_there_is_not_is_refused(string argument)
    {
        var (exitCode, output) = await SiloProcess.RunAsync(argument);
        Assert.Equal(2, exitCode);
        Assert.Contains("'--health' is live or ready.", output, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
