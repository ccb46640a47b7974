using System.Collections.Concurrent;
using Granary.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Integration;

/// <summary>The gateway in an application of the test's own, over a socket, on a cluster in this process.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly GranaryTestCluster _cluster;
    private readonly WebApplication _app;
    private readonly LogLines _log;

    private GatewayHost(GranaryTestCluster cluster, WebApplication app, LogLines log)
    {
        (_cluster, _app, _log) = (cluster, app, log);
        Url = new Uri(app.Urls.Single());
        Api = new Api(Url);
    }

    public Uri Url { get; }

    public Api Api { get; }

    public IEventStore Store => _cluster.Store;

    public IGrainFactory Grains => _cluster.Grains;

    /// <summary>All that the application has logged.</summary>
    public IReadOnlyCollection<string> Log => _log.Lines;

    /// <summary>Starts the application.</summary>
    /// <param name="map">Maps the gateway and routes of the application's own; null for the gateway alone.</param>
    /// <param name="store">The store of the cluster; null for one in memory.</param>
    /// <param name="isSilo">Whether the application has the store in its own process, as a silo has.</param>
    /// <param name="configure">Adds services.</param>
    /// <param name="granary">Adds to the silos of the cluster.</param>
    public static async Task<GatewayHost> StartAsync(
        Action<WebApplication>? map = null, IEventStore? store = null, bool isSilo = true,
        Action<IServiceCollection>? configure = null, Action<IGranaryBuilder>? granary = null)
    {
        var cluster = await GranaryTestCluster.StartAsync(new()
        {
            Store = store,
            Configure = (_, builder) =>
            {
                builder.AddGranaryGrains();
                granary?.Invoke(builder);
            },
        });
        var log = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestLineSize = 12 * 1024);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(cluster.Grains);
        builder.Services.AddSingleton(
            cluster.Cluster.Client.ServiceProvider.GetRequiredService<IClusterManifestProvider>());
        if (isSilo) builder.Services.AddSingleton(cluster.Store);
        builder.Services.AddGranaryGateway();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        if (map is null) app.MapGranary().MapGranaryLedger();
        else map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new GatewayHost(cluster, app, log);
    }

    /// <summary>Stops the application; the cluster goes on.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        (Store as HeldStore)?.Release();
        Api.Dispose();
        await _app.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
