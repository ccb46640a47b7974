using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The real executable on a data folder, with ports of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly FreePorts _ports;

    private SiloProcess(ChildProcess process, FreePorts ports)
    {
        _process = process;
        _ports = ports;
        Url = UrlOf(ports);
        Api = new Api(Url);
    }

    public Uri Url { get; }

    public Api Api { get; }

    public int SiloPort => _ports[1];

    public int GatewayPort => _ports[2];

    public string Output => _process.Output;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    /// <summary>How the executable beside the tests is run.</summary>
    private static string[] Command => ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Granary.Silo.dll")];

    /// <summary>Starts a silo and waits until it reports where it listens and answers that it is ready.</summary>
    public static Task<SiloProcess> StartAsync(string dataPath, params string[] arguments) =>
        StartAsync(Launch(dataPath, arguments));

    /// <summary>The same with environment variables.</summary>
    public static Task<SiloProcess> StartAsync(
        string dataPath, (string Name, string Value)[] environment, params string[] arguments) =>
        StartAsync(Launch(dataPath, environment, arguments));

    /// <summary>Waits until a silo reports where it listens and answers that it is ready.</summary>
    public static async Task<SiloProcess> StartAsync(SiloProcess silo)
    {
        try
        {
            var token = TestContext.Current.CancellationToken;
            await silo._process.LineAsync(line => line.Contains(silo.Url.Authority, StringComparison.Ordinal), token);
            var ready = await silo.Api.GetAsync("/health/ready");
            Assert.True(ready.Status == HttpStatusCode.OK, $"{ready}\n{silo.Output}");
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo of which it is not known whether it will run.</summary>
    public static SiloProcess Launch(string dataPath, params string[] arguments) => Launch(dataPath, [], arguments);

    /// <summary>The same with environment variables.</summary>
    public static SiloProcess Launch(
        string dataPath, (string Name, string Value)[] environment, params string[] arguments) =>
        Launch(Command, dataPath, environment, arguments);

    /// <summary>Starts another build of the silo; its own options give way to those that are named.</summary>
    public static SiloProcess Launch(
        string[] command, string dataPath, (string Name, string Value)[] environment, string[] arguments)
    {
        var ports = FreePorts.Reserve(3);
        string[] own =
        [
            $"--Granary:DataPath={dataPath}", $"--Granary:Url={UrlOf(ports).GetLeftPart(UriPartial.Authority)}",
            $"--Granary:SiloPort={ports[1]}", $"--Granary:GatewayPort={ports[2]}",
        ];
        var kept = own.Where(one => !arguments.Any(given => given.StartsWith(
            one[..(one.IndexOf('=', StringComparison.Ordinal) + 1)], StringComparison.Ordinal)));
        return new SiloProcess(
            ChildProcess.Run([.. command, .. kept, .. arguments], Path.GetTempPath(), environment), ports);
    }

    /// <summary>Runs the executable with these arguments alone, to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var process = ChildProcess.Run([.. Command, .. arguments], Path.GetTempPath(), []);
        await process.ExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, process.Output);
    }

    /// <summary>Whether it printed where it listens, and did not end before.</summary>
    public async Task<bool> IsReadyAsync()
    {
        var listens = _process.LineAsync(
            line => line.Contains(Url.Authority, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        return await Task.WhenAny(listens, ExitAsync()) == listens && listens.IsCompletedSuccessfully;
    }

    /// <summary>Completes when it has printed a text.</summary>
    public Task SaysAsync(string text) => _process.LineAsync(
        line => line.Contains(text, StringComparison.OrdinalIgnoreCase), TestContext.Current.CancellationToken);

    /// <summary>Waits for its end, whatever the reason.</summary>
    public Task ExitAsync() => _process.ExitAsync(TestContext.Current.CancellationToken);

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>kill -STOP: it stands still until it is resumed.</summary>
    public void Suspend() => _process.Suspend();

    /// <summary>kill -CONT.</summary>
    public void Resume() => _process.Resume();

    /// <summary>SIGTERM, and waits for the drained end.</summary>
    public Task StopAsync() => _process.TerminateAsync(TestContext.Current.CancellationToken);

    /// <summary>Ctrl-C, and waits for the drained end.</summary>
    public Task InterruptAsync() => _process.InterruptAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Api.Dispose();
        _ports.Dispose();
    }

    private static Uri UrlOf(FreePorts ports) => new($"http://127.0.0.1:{ports[0]}");
}
