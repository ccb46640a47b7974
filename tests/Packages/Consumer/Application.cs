using System.Net;
using System.Net.Sockets;
using Granary.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Consumer;

/// <summary>A silo with the gateway on a free port: what an application builds of the packages.</summary>
internal sealed class Application : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Application(WebApplication app)
    {
        _app = app;
        var server = app.Services.GetRequiredService<IServer>();
        var address = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Http { get; }

    public IGranaryClient Granary => _app.Services.GetRequiredService<IGranaryClient>();

    public static async Task<Application> StartAsync(string path)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddGranary().UseSqlite(options => options.Path = path).AddGranaryGrains();
        });
        builder.Services.AddGranaryClient();
        builder.Services.AddGranaryGateway();
        var app = builder.Build();
        app.MapGranary();
        await app.StartAsync();
        return new Application(app);
    }

    public ITallyGrain Tally(string key) =>
        _app.Services.GetRequiredService<IGrainFactory>().GetGrain<ITallyGrain>(key);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
