using System.Net;
using System.Net.Sockets;

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

    // What is wrong in the same way is told together, so one start is enough for it.
    [Theory]
    [InlineData("--Granary:Url=nonsense", "Granary:Url")]
    [InlineData("--Granary:Sqlite:BusyTimeoutMs=soon", "Granary:Sqlite:BusyTimeoutMs")]
    [InlineData(
        "--Granary:SiloPort=99999 --Granary:GatewayPort=-1 --Granary:DataPath= --Granary:Appender:QueueLengthMax=0",
        "Granary:SiloPort Granary:GatewayPort Granary:DataPath Granary:Appender:QueueLengthMax")]
    [InlineData(
        "--Granary:SiloPrt=5 --DataPath=/nowhere --Granary:Appender:QueueLength=5 --Granary:Sqlite:Path=/nowhere",
        "Granary:SiloPrt --DataPath Granary:Appender:QueueLength Granary:Sqlite:Path")]
    public async Task A_wrong_option_stops_the_start_and_is_named(string arguments, string named)
    {
        await using var silo = SiloProcess.Launch(_data.Path, arguments.Split(' '));
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        Assert.All(named.Split(' '), name => Assert.Contains(name, silo.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_option_can_be_set_on_the_command_line_and_Ctrl_C_drains()
    {
        await using var silo = await SiloProcess.StartAsync(
            _data.Path, "--Granary:Journal:RetriesMax=2", "--Granary:Appender:QueueLengthMax=5",
            "--Granary:Snapshots:Enabled=false", "--Granary:Sqlite:IndexFlushEvents=1", "--Granary:PartitionCount=3");
        (await silo.Api.PostAsync("/api/streams/a/1", Events.Numbered(1))).Is(HttpStatusCode.Created);
        (await silo.Api.GetAsync("/api/log?partition=2")).Is(HttpStatusCode.OK);

        await silo.InterruptAsync();
        Assert.Equal(0, silo.ExitCode);
        Assert.Contains("drained", silo.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Url", "http://127.0.0.1:")]
    [InlineData("SiloPort", "")]
    [InlineData("GatewayPort", "")]
    public async Task A_port_that_is_taken_stops_the_start_and_its_setting_is_named(string setting, string before)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var silo = SiloProcess.Launch(_data.Path, $"--Granary:{setting}={before}{port}");
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        Assert.Contains($"Granary:{setting}", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
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
