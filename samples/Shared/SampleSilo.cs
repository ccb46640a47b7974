using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Granary.Samples;

/// <summary>A silo in this process, as an application hosts one.</summary>
internal sealed class SampleSilo : IAsyncDisposable
{
    // Below the ports that the system assigns, and of this process alone.
    private static int _lastPort = 20_000 + Environment.ProcessId % 1_000 * 10;

    private readonly IHost _host;

    private SampleSilo(IHost host) => _host = host;

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a silo, on ports of its own.</summary>
    public static async Task<SampleSilo> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(++_lastPort, ++_lastPort);
            configure(silo);
        });
        var silo = new SampleSilo(builder.Build());
        await silo._host.StartAsync();
        return silo;
    }

    /// <summary>A reference to a grain.</summary>
    public T Grain<T>(string key)
        where T : IGrainWithStringKey =>
        Services.GetRequiredService<IGrainFactory>().GetGrain<T>(key);

    /// <summary>Stops the silo.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
