using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The real executable on a data folder, with ports of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private SiloProcess(ChildProcess process, Uri url)
    {
        _process = process;
        Url = url;
        Api = new Api(url);
    }

    public Uri Url { get; }

    public Api Api { get; }

    public string Output => _process.Output;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a silo and waits until it says where it listens and answers that it is ready.</summary>
    public static async Task<SiloProcess> StartAsync(string dataPath, params string[] arguments)
    {
        var silo = Launch(dataPath, arguments);
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
    public static SiloProcess Launch(string dataPath, params string[] arguments)
    {
        var ports = FreePorts.Take(3);
        var url = new Uri($"http://127.0.0.1:{ports[0]}");
        string[] own =
        [
            $"--Granary:DataPath={dataPath}", $"--Granary:Url={url.GetLeftPart(UriPartial.Authority)}",
            $"--Granary:SiloPort={ports[1]}", $"--Granary:GatewayPort={ports[2]}",
        ];
        return new SiloProcess(ChildProcess.Start("Granary.Silo.dll", [.. own, .. arguments], Path.GetTempPath()), url);
    }

    /// <summary>Whether it came to say where it listens, rather than ending before.</summary>
    public async Task<bool> IsReadyAsync()
    {
        var listens = _process.LineAsync(
            line => line.Contains(Url.Authority, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        return await Task.WhenAny(listens, ExitAsync()) == listens && listens.IsCompletedSuccessfully;
    }

    /// <summary>Completes when it has said a text.</summary>
    public Task SaysAsync(string text) => _process.LineAsync(
        line => line.Contains(text, StringComparison.OrdinalIgnoreCase), TestContext.Current.CancellationToken);

    /// <summary>Waits for its end, whatever the reason.</summary>
    public Task ExitAsync() => _process.ExitAsync(TestContext.Current.CancellationToken);

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM, and waits for the drained end.</summary>
    public Task StopAsync() => _process.TerminateAsync(TestContext.Current.CancellationToken);

    /// <summary>Ctrl-C, and waits for the drained end.</summary>
    public Task InterruptAsync() => _process.InterruptAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Api.Dispose();
    }
}
