using System.Net;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

public sealed class StartupTests : IDisposable
{
    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_prints_where_the_data_the_API_and_its_reference_are()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        Assert.Contains(_data.Path, silo.Output, StringComparison.Ordinal);
        Assert.Contains($"{silo.Url.Authority}/reference", silo.Output, StringComparison.Ordinal);
        Assert.Contains("curl", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("authentication", silo.Output, StringComparison.OrdinalIgnoreCase);
    }

    // What is wrong in the same way is reported together, so one start is enough for it.
    [Theory]
    [InlineData("--Granary:Url=nonsense", "Granary:Url")]
    [InlineData(
        "--Granary:SiloPort=29999 --Granary:GatewayPort=29999",
        "Granary:Url, Granary:SiloPort, Granary:GatewayPort: 29999")]
    [InlineData(
        "--Granary:Url=http://127.0.0.1:29999 --Granary:SiloPort=29999",
        "Granary:Url, Granary:SiloPort, Granary:GatewayPort:")]
    [InlineData("--Granary:Sqlite:BusyTimeoutMs=soon", "Granary:Sqlite:BusyTimeoutMs")]
    [InlineData("--Granary:Journal:RetryTimeoutMs=30000", "RetryTimeoutMs")]
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
        Assert.Equal(2, silo.ExitCode);
        Assert.All(named.Split(' '), name => Assert.Contains(name, silo.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_option_can_be_set_on_the_command_line_and_Ctrl_C_drains()
    {
        await using var silo = await SiloProcess.StartAsync(
            _data.Path, "--Granary:Journal:RetryTimeoutMs=20000", "--Granary:Appender:QueueLengthMax=5",
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
    public async Task A_port_that_is_in_use_stops_the_start_and_its_setting_is_named(string setting, string before)
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

    [Theory]
    [InlineData("Granary__SiloPrt", "5", "Granary:SiloPrt")]
    [InlineData("Granary__Journal__RetryTimeoutMs", "many", "Granary:Journal:RetryTimeoutMs")]
    [InlineData("Granary__Appender__QueueLengthMax__X", "1", "Granary:Appender:QueueLengthMax:X")]
    [InlineData("Granary__IsLoopback", "true", "Granary:IsLoopback")]
    [InlineData("Logging__LogLevel__Orleans", "Loud", "Logging:LogLevel:Orleans")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "smoke", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense", "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "api-key", "OTEL_EXPORTER_OTLP_HEADERS")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api key=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")]
    [InlineData("OTEL_TRACES_EXPORTER", "zipkin", "OTEL_TRACES_EXPORTER")]
    public async Task A_wrong_variable_of_the_environment_stops_the_start_and_is_named(
        string variable, string value, string named)
    {
        await using var silo = SiloProcess.Launch(_data.Path, [(variable, value)]);
        await silo.ExitAsync();
        Assert.Equal(2, silo.ExitCode);
        Assert.Contains(named, silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string> Faults => new("not a database", "a folder", "a file", "another partition count");

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_the_start_is_one_clear_line(string fault)
    {
        var file = Path.Combine(_data.Path, "granary.db");
        string[] arguments = [];
        switch (fault)
        {
            case "not a database":
                await File.WriteAllTextAsync(file, new string('x', 5000), Token);
                break;
            case "a folder":
                Directory.CreateDirectory(file);
                break;
            case "a file":
                await File.WriteAllTextAsync(file, "", Token);
                arguments = [$"--Granary:DataPath={file}"];
                break;
            default:
                await using (await SiloProcess.StartAsync(_data.Path))
                {
                }

                arguments = ["--Granary:PartitionCount=3"];
                break;
        }

        await using var silo = SiloProcess.Launch(_data.Path, arguments);
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        var line = Assert.Single(silo.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("Granary cannot start. ", line, StringComparison.Ordinal);
        Assert.Contains(_data.Path, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_settings_file_that_is_not_JSON_is_named()
    {
        using var build = new TempFolder();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var name = Path.GetFileName(file);
            var copy = Path.Combine(build.Path, name);

            // The host of .NET follows a link to the application itself, to the folder with the good settings.
            if (name.StartsWith("Granary.Silo.", StringComparison.Ordinal))
                File.Copy(file, copy);
            else if (name != "appsettings.json")
                File.CreateSymbolicLink(copy, file);
        }

        var settings = Path.Combine(build.Path, "appsettings.json");
        await File.WriteAllTextAsync(settings, "{", Token);
        await using var silo = SiloProcess.Launch(
            ["dotnet", "exec", Path.Combine(build.Path, "Granary.Silo.dll")], _data.Path, [], []);
        await silo.ExitAsync();
        Assert.Equal(2, silo.ExitCode);
        Assert.Contains("appsettings.json", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }

    // Orleans' watchdog reports the time since the machine's start as a stall, in every start that is not filtered.
    [Fact]
    public async Task A_start_reports_no_stall_that_is_none()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        var start = silo.Output[..silo.Output.IndexOf("Granary is up", StringComparison.Ordinal)];
        Assert.DoesNotContain("Orleans.Runtime.Watchdog", start, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_that_the_silo_creates_is_its_users_alone()
    {
        var folder = Path.Combine(_data.Path, "new", "data");
        await using var silo = await SiloProcess.StartAsync(folder);
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(Owner, File.GetUnixFileMode(folder));
    }

    public void Dispose() => _data.Dispose();
}
