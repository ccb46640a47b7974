using Granary;
using Granary.Runtime;
using Granary.Silo;
using OpenTelemetry.Metrics;

try
{
    await using var app = Build(args);
    await app.StartAsync();
    Banner.Print(app.Services.GetRequiredService<GranarySiloOptions>());
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception fault) when (StartFault(fault) is { } reason)
{
    await Console.Error.WriteLineAsync($"Granary cannot start. {reason.Message}");
    return 1;
}

static WebApplication Build(string[] args)
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions
    {
        // The options are read once. To watch their file is to hear of every write to data that lie beside it.
        Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
        ContentRootPath = AppContext.BaseDirectory,
    });
    var options = SiloSettings.Read(builder.Configuration, args);
    Ports.ThrowIfTaken(options);
    builder.Services.AddSingleton(options);
    builder.WebHost.UseUrls(options.Url);
    builder.WebHost.ConfigureKestrel(static kestrel =>
    {
        kestrel.AddServerHeader = false;

        // Category and key of 512 characters each, all of them percent-encoded, and the rest of the line.
        kestrel.Limits.MaxRequestLineSize = 12 * 1024;
    });

    builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, serviceId: "granary", clusterId: "granary");
        silo.AddActivityPropagation();
        silo.AddGranary(options.Journal.CopyTo).UseSqlite(options.Sqlite.CopyTo).AddGranaryGrains();
        silo.Services.Configure<AppenderOptions>(options.Appender.CopyTo);
        silo.Services.Configure<SnapshotOptions>(options.Snapshots.CopyTo);
    });
    builder.Services.AddGranaryGateway();
    builder.Services.AddOpenTelemetry()
        .WithMetrics(static metrics => metrics.AddMeter("Granary", "Microsoft.Orleans").AddPrometheusExporter())
        .WithTracing(static tracing =>
            tracing.AddSource("Granary", "Microsoft.AspNetCore", "Microsoft.Orleans.Application"));

    var app = builder.Build();
    app.UseExceptionHandler();
    app.UseStatusCodePages();
    app.MapGranary();
    app.MapPrometheusScrapingEndpoint("/metrics");
    return app;
}

// Only what the operator can do something about is told in one line; everything else is a defect and shows its trace.
static Exception? StartFault(Exception fault)
{
    for (var at = fault; at is not null; at = at.InnerException)
    {
        if (at is GranaryException or InvalidSettingsException or IOException) return at;
    }

    return fault is AggregateException many ? many.InnerExceptions.Select(StartFault).FirstOrDefault() : null;
}
