using Granary.Client;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Granary.Silo;

/// <summary>The composition of the shipped silo: the executable, tests and benchmarks build it here.</summary>
internal static class GranarySilo
{
    /// <summary>Builds the silo, not yet started, from arguments, environment and appsettings.json.</summary>
    /// <param name="arguments">Settings as <c>--name=value</c>.</param>
    /// <exception cref="InvalidSettingsException">A setting is wrong; the message names it.</exception>
    /// <exception cref="IOException">
    /// A port is in use, the advertised name cannot be resolved, or the folder of the data cannot be created.
    /// </exception>
    public static WebApplication Build(IEnumerable<string> arguments)
    {
        var builder = CreateBuilder(arguments);
        var options = SiloSettings.Read(builder.Configuration);
        Ports.ThrowIfInUse(options);
        if (options.IsSilo && options.Store == StoreKind.Sqlite) DataFolder.Create(options.DataPath);

        var isTraced = builder.Services.AddTelemetry(builder.Configuration);
        builder.Services.OmitUnread(builder.Configuration, isTraced);
        builder.Services.AddSingleton(options).AddSingleton<StartLog>().AddSingleton<RefusalBodies>()
            .AddSingleton<StopLimit>().AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(
            static services => services.GetRequiredService<StartLog>());
        builder.WebHost.UseUrls(HttpServer.Urls(options));
        builder.WebHost.ConfigureKestrel(kestrel => HttpServer.Configure(kestrel, options.Http));
        var cluster = ClusterProvider.Create(options);
        builder.Services.AddSingleton(_ => cluster).AddHostedService<ClusterConnector>();
        if (options.IsSilo) builder.UseOrleans(silo =>
        {
            var granary = AddGranary(silo, options, cluster, isTraced);
            WebhookSettings.AddTo(granary, builder.Configuration);
        });
        else AddClient(builder, options, cluster, isTraced);
        builder.Services.AddGranaryGateway(options.Gateway.CopyTo).AddGranaryProblemDetails();

        // The framework checks hosts too, and refuses with a page of HTML. The filter below takes its part.
        builder.Services.Configure<HostFilteringOptions>(static hosts => hosts.AllowedHosts = ["*"]);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(app.Services.GetRequiredService<StartLog>().Open);
        app.Use(SentMethod.InvokeAsync);
        app.UseRouting();
        app.UseWhen(NeedsAnswers, static others => others.UseExceptionHandler().UseStatusCodePages());
        app.Use(new HostFilter(options, app.Configuration).InvokeAsync);
        if (options.Role == Role.Silo) app.MapGranaryHealth();
        else app.MapGranary();
        if (options.Ledger && options.Role != Role.Silo) app.MapGranaryLedger();
        Dashboard.Map(app, options.Dashboard);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new HttpMethodMetadata(["GET", "HEAD"]));
        return app;
    }

    /// <summary>
    /// The builder of a host that has read its arguments, environment and appsettings.json. Slim, because the full
    /// builder reads the server's addresses from further settings.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(IEnumerable<string> arguments) =>
        WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // The options are read once. To watch their file is to be notified of every write to data in the folder.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. arguments],
            ContentRootPath = AppContext.BaseDirectory,
        });

    // A call that answers its own errors needs neither, and both take memory and time at every request.
    private static bool NeedsAnswers(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<ISkipStatusCodePagesMetadata>() is null;

    private static IGranaryBuilder AddGranary(
        ISiloBuilder silo, GranarySiloOptions options, ClusterProvider cluster, bool isTraced)
    {
        silo.AddCluster(options, cluster);
        if (ClusterTls.Read(options.Tls) is { } tls) silo.UseTls(tls.Apply);
        Dashboard.AddTo(silo, options.Dashboard);
        if (isTraced) silo.AddActivityPropagation();
        var granary = AddStore(silo.AddGranary(), options)
            .ConfigureJournal(options.Journal.CopyTo)
            .ConfigureAppender(options.Appender.CopyTo)
            .ConfigureSnapshots(options.Snapshots.CopyTo)
            .ConfigureTruthCheck(options.TruthCheck.CopyTo)
            .AddGranaryGrains();
        if (options.Ledger) granary.AddGranaryLedger();
        options.Retention.AddTo(granary);
        return granary;
    }

    // A gateway is a client as any other.
    private static void AddClient(
        WebApplicationBuilder builder, GranarySiloOptions options, ClusterProvider cluster, bool isTraced)
    {
        cluster.AddClientTo(builder.Services);
        builder.AddGranaryClient(client =>
        {
            client.Configure<GatewayOptions>(gateways =>
                gateways.GatewayListRefreshPeriod = options.Membership.GatewayRefreshPeriod);
            Dashboard.AddTo(client, options.Dashboard);
            if (isTraced) client.AddActivityPropagation();
        });
    }

    private static IGranaryBuilder AddStore(IGranaryBuilder builder, GranarySiloOptions options) =>
        options.Store switch
        {
            StoreKind.Postgres => builder.UsePostgres(options.Postgres.CopyTo),
            StoreKind.Azure => builder.UseAzureStorage(options.Azure.CopyTo),
            _ => builder.UseSqlite(options.Sqlite.CopyTo),
        };
}
