using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Granary.Samples;

/// <summary>A silo in this process, as an application hosts one.</summary>
internal sealed class SampleSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private SampleSilo(IHost host) => _host = host;

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a silo, on ports that are free.</summary>
    public static async Task<SampleSilo> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
