using Granary;
using Granary.Gateway;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Scalar.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds Granary's HTTP API to an application that is an Orleans client or a silo.</summary>
public static class GranaryGatewayExtensions
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds what the API needs: the client, its description, a health check of the store.</summary>
    public static IServiceCollection AddGranaryGateway(
        this IServiceCollection services, Action<GranaryGatewayOptions>? configure = null)
    {
        services.AddGranaryClient();
        services.TryAddSingleton<EventReader>();
        services.TryAddSingleton<HeavyReads>();
        services.TryAddSingleton<AppendRequests>();
        services.TryAddSingleton<LiveReaders>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, SentPathFilter>());
        services.AddOptions<GranaryGatewayOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) services.Configure(configure);
        services.AddHealthChecks().AddCheck<StoreHealthCheck>(StoreHealthCheck.Name, timeout: ReadyTimeout)
            .AddCheck<ReadersHealthCheck>(ReadersHealthCheck.Name, timeout: ReadyTimeout);
        services.AddOpenApi(ApiDescription.Document, ApiDescription.Configure);
        return services;
    }

    /// <summary>
    /// Completes every problem document of the application with a stable type and code and with what to do, those of
    /// the server itself included. For an application that is Granary's API and nothing else.
    /// </summary>
    public static IServiceCollection AddGranaryProblemDetails(this IServiceCollection services) =>
        services.AddProblemDetails(static options => options.CustomizeProblemDetails =
            static context => Problems.Complete(context.ProblemDetails, context.HttpContext));

    /// <summary>
    /// Maps the API under <c>/api</c>, health under <c>/health</c>, its description at <c>/openapi/granary.json</c> and
    /// a page to read and try it at <c>/reference</c>. There is no authentication yet: put it after a proxy that
    /// has.
    /// </summary>
    public static IEndpointRouteBuilder MapGranary(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi();
        StreamAppends.Map(routes);
        StreamEndpoints.Map(api);
        RetentionEndpoints.Map(api);
        AppendEndpoints.Map(api);
        LogEndpoints.Map(api);
        LiveEndpoints.Map(api);
        ModelEndpoints.Map(api);
        ReaderEndpoints.Map(api);
        SubscriptionEndpoints.Map(api);
        routes.MapGranaryHealth();

        routes.MapGet($"/openapi/{ApiDescription.Document}.json", ApiDescription.WriteAsync)
            .WithMetadata(Mapping.Read).ExcludeFromDescription();
        routes.MapScalarApiReference(
            "/reference",
            static page => page.AddDocument(ApiDescription.Document).DisableTelemetry().DisableAgent().DisableMcp()
                .DisableDefaultFonts().HideDeveloperTools())
            .WithMetadata(Mapping.Read)
            .AddEndpointFilter(static (call, next) =>
            {
                call.HttpContext.Response.Headers.ContentSecurityPolicy = OwnOriginOnly;
                return next(call);
            });
        return routes;
    }

    /// <summary>
    /// Maps health under <c>/health</c> alone, for a silo whose API is served by others. <see cref="MapGranary"/> has
    /// it too.
    /// </summary>
    public static IEndpointRouteBuilder MapGranaryHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").AddEndpointFilter(Problems.Filter).WithTags("Health")
            .WithGroupName(ApiDescription.Document);
        health.MapRead("/live", static () => Results.Text("live")).WithSummary("Whether the process runs")
            .Produces<string>(200, "text/plain");
        health.MapRead("/ready", Ready).WithSummary("Whether the store can be read")
            .Produces<string>(200, "text/plain").ProducesProblems(503);
        health.MapRead("/readers", Readers).WithSummary("Whether the readers of the log keep up")
            .WithDescription("503 where one is behind or has stopped. For alerts; the process works all the same.")
            .Produces<string>(200, "text/plain").ProducesProblems(503);
        return routes;
    }

    /// <summary>Maps the example ledger under <c>/api/accounts</c> and <c>/api/transfers</c>.</summary>
    public static IEndpointRouteBuilder MapGranaryLedger(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapApi();
        AccountEndpoints.Map(api);
        TransferEndpoints.Map(api);
        return routes;
    }

    private static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes) =>
        routes.MapGroup(Mapping.Api).AddEndpointFilter(Problems.Filter).WithGroupName(ApiDescription.Document);

    // The page's script has addresses of other hosts; with this no browser contacts them, whatever its settings are.
    private const string OwnOriginOnly =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; object-src 'none'";

    private static async Task<IResult> Ready(HealthCheckService health, HttpContext context)
    {
        var report = await health.CheckHealthAsync(
            static check => check.Name == StoreHealthCheck.Name, context.RequestAborted);
        return report.Status == HealthStatus.Healthy
            ? Results.Text("ready")
            : throw Problems.Unavailable(
                "not-ready", "The store cannot be read now. The reason is in the server's log.");
    }

    private static async Task<IResult> Readers(HealthCheckService health, HttpContext context)
    {
        var report = await health.CheckHealthAsync(
            static check => check.Name == ReadersHealthCheck.Name, context.RequestAborted);
        return report.Status == HealthStatus.Healthy
            ? Results.Text("healthy")
            : throw Problems.Unavailable(
                "readers-behind", report.Entries.GetValueOrDefault(ReadersHealthCheck.Name).Description
                    ?? "The readers of the log cannot be asked now. The reason is in the server's log.");
    }
}
