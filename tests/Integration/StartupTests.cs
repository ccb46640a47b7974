using System.Net;

namespace Granary.Tests.Integration;

public sealed class StartupTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task It_says_where_the_data_the_API_and_its_reference_are()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        Assert.Contains(_data.Path, silo.Output, StringComparison.Ordinal);
        Assert.Contains($"{silo.Url.Authority}/reference", silo.Output, StringComparison.Ordinal);
        Assert.Contains("curl", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("authentication", silo.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("--Granary:Url=nonsense", "Url")]
    [InlineData("--Granary:SiloPort=99999", "SiloPort")]
    [InlineData("--Granary:GatewayPort=-1", "GatewayPort")]
    [InlineData("--Granary:DataPath=", "DataPath")]
    public async Task A_wrong_option_stops_the_start_and_is_named(string argument, string named)
    {
        await using var silo = SiloProcess.Launch(_data.Path, argument);
        await silo.ExitAsync();
        Assert.NotEqual(0, silo.ExitCode);
        Assert.Contains(named, silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listening_elsewhere_than_on_loopback_warns()
    {
        var port = FreePorts.Take(1)[0];
        await using var silo = SiloProcess.Launch(_data.Path, $"--Granary:Url=http://0.0.0.0:{port}");
        await silo.SaysAsync("authentication");
        using var api = new Api(new Uri($"http://127.0.0.1:{port}"));
        await silo.SaysAsync($"{port}/reference");
        (await api.GetAsync("/health/live")).Is(HttpStatusCode.OK);
    }

    public void Dispose() => _data.Dispose();
}
