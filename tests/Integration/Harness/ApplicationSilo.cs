using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Integration;

/// <summary>
/// A silo of an application in this process, with a store and the gateway, as the documentation shows it.
/// </summary>
internal sealed class ApplicationSilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FreePorts _ports;

    private ApplicationSilo(WebApplication app, FreePorts ports)
    {
        (_app, _ports) = (app, ports);
        Api = new Api(new Uri(app.Urls.Single()));
    }

    public Api Api { get; }

    /// <summary>Starts the application.</summary>
    /// <param name="configure">Chooses the store and adds what the silo has.</param>
    public static async Task<ApplicationSilo> StartAsync(Action<IGranaryBuilder> configure)
    {
        var ports = FreePorts.Reserve(2);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports[0], ports[1]);
            configure(silo.AddGranary().AddGranaryGrains());
        });
        builder.Services.AddGranaryGateway();
        var app = builder.Build();
        app.MapGranary();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ApplicationSilo(app, ports);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
        _ports.Dispose();
    }
}
