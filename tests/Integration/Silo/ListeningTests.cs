using System.Net;

namespace Granary.Tests.Integration;

/// <summary>
/// <c>Granary:Url</c> alone decides where the API listens; any other setting of an address is refused.
/// </summary>
public sealed class ListeningTests : IDisposable
{
    private const string Elsewhere = "http://0.0.0.0:1";

    private readonly TempFolder _data = new();

    [Theory]
    [InlineData("--urls=http://0.0.0.0:1", "--urls")]
    [InlineData("--http_ports=1", "--http_ports")]
    [InlineData("--Kestrel:Endpoints:Http:Url=http://0.0.0.0:1", "--Kestrel:Endpoints:Http:Url")]
    public async Task Another_way_to_set_the_address_is_refused_on_the_command_line(string argument, string named)
    {
        await using var silo = SiloProcess.Launch(_data.Path, argument);
        await AssertRefusedAsync(silo, named);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", Elsewhere, "urls")]
    [InlineData("DOTNET_URLS", Elsewhere, "urls")]
    [InlineData("URLS", Elsewhere, "urls")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080", "http_ports")]
    [InlineData("ASPNETCORE_HTTPS_PORTS", "8081", "https_ports")]
    [InlineData("Kestrel__Endpoints__Http__Url", Elsewhere, "Kestrel:Endpoints:Http:Url")]
    [InlineData("ASPNETCORE_Kestrel__Endpoints__Http__Url", Elsewhere, "Kestrel:Endpoints:Http:Url")]
    [InlineData("Kestrel__Limits__MaxConcurrentConnections", "1", "Kestrel:Limits:MaxConcurrentConnections")]
    public async Task Another_way_to_set_the_address_is_refused_in_the_environment(
        string variable, string value, string named)
    {
        await using var silo = SiloProcess.Launch(_data.Path, [(variable, value)]);
        await AssertRefusedAsync(silo, named);
    }

    [Fact]
    public async Task An_empty_variable_is_ignored()
    {
        await using var silo = await SiloProcess.StartAsync(
            _data.Path, [("ASPNETCORE_HTTP_PORTS", ""), ("ASPNETCORE_URLS", "")]);
        (await silo.Api.GetAsync("/health/live")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Listening_elsewhere_than_on_loopback_warns()
    {
        using var ports = FreePorts.Reserve(1);
        await using var silo = SiloProcess.Launch(_data.Path, $"--Granary:Url=http://0.0.0.0:{ports[0]}");
        await silo.SaysAsync("authentication");
        using var api = new Api(new Uri($"http://127.0.0.1:{ports[0]}"));
        (await api.GetAsync("/health/live")).Is(HttpStatusCode.OK);
    }

    public void Dispose() => _data.Dispose();

    private static async Task AssertRefusedAsync(SiloProcess silo, string named)
    {
        await silo.ExitAsync();
        Assert.Equal(2, silo.ExitCode);
        Assert.Contains(named, silo.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Granary:Url", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }
}
