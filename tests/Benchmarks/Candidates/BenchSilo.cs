using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Granary.Benchmarks;

/// <summary>A silo in this process; its grains are called from within it.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    // Below the ports that the system assigns, and of this process alone.
    private static int _lastPort = 20_000 + Environment.ProcessId % 50 * 200;

    private readonly IHost _host;

    private BenchSilo(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public static async Task<BenchSilo> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        LogErrorsOnly(builder.Logging);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(NextPort(), NextPort(), serviceId: "bench", clusterId: "bench");
            configure(silo);
        });
        builder.Services.AddSingleton<Deactivations>().AddSingleton<IHostLifetime, NoSignals>();
        var host = builder.Build();
        await host.StartAsync();
        return new BenchSilo(host);
    }

    /// <summary>A port for a silo of this process.</summary>
    public static int NextPort() => ++_lastPort;

    public static void LogErrorsOnly(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Error);
        logging.AddFilter("Microsoft", LogLevel.Error);
        logging.AddSimpleConsole(static console => console.SingleLine = true);

        // The output of a load's process is its outcomes, and nothing else.
        logging.Services.Configure<ConsoleLoggerOptions>(
            static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    public ITallyGrain Tally(string kind, int grain) => Services.GetRequiredService<IGrainFactory>()
        .GetGrain<ITallyGrain>(IdOf(kind, grain));

    public static GrainId IdOf(string kind, int grain) =>
        GrainId.Create(GrainType.Create(kind), GrainIdKeyExtensions.CreateIntegerKey(grain));

    /// <summary>Deactivates a grain and waits for the end of that.</summary>
    public async Task DeactivateAsync(ITallyGrain grain)
    {
        await grain.Deactivate();
        await Services.GetRequiredService<Deactivations>().Of(grain.GetGrainId());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else _host.Dispose();
    }
}

/// <summary>A host's lifetime that leaves signals to the program, which has several hosts.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>The ends of activations, so that a scenario can wait until a grain is deactivated.</summary>
public sealed class Deactivations
{
    private readonly ConcurrentDictionary<GrainId, Task> _ends = new();

    internal void Add(IGrainContext grain) => _ends[grain.GrainId] = grain.Deactivated;

    /// <summary>Ends when a grain that is deactivating is deactivated.</summary>
    internal Task Of(GrainId grain) => _ends.TryRemove(grain, out var end) ? end : Task.CompletedTask;
}
