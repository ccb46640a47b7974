using Granary.Client;
using Microsoft.Extensions.Options;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Consumer;

/// <summary>A silo with the gateway on a free port: what an application builds of the packages.</summary>
internal sealed class Application : IAsyncDisposable
{
    // Below the ports that the system assigns, and of this process alone.
    private static int _lastPort = 20_000 + Environment.ProcessId % 1_000 * 10;

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
            silo.UseLocalhostClustering(++_lastPort, ++_lastPort);
            silo.AddGranary().UseSqlite(options => options.Path = path).AddGranaryGrains();
        });
        builder.Services.AddGranaryClient();
        builder.Services.AddGranaryGateway();
        var app = builder.Build();
        app.MapGranary();
        await app.StartAsync();
        return new Application(app);
    }

    /// <summary>Why an application of these packages is no client of another cluster.</summary>
    public static string ClientFault(string cluster)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Granary:Cluster"] = cluster;
        builder.Configuration["Granary:ClusterConnectionString"] = "127.0.0.1";
        try
        {
            builder.AddGranaryClient();
            return "";
        }
        catch (OptionsValidationException fault)
        {
            return fault.Message;
        }
    }

    public ITallyGrain Tally(string key) =>
        _app.Services.GetRequiredService<IGrainFactory>().GetGrain<ITallyGrain>(key);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
