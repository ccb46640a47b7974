using Granary;
using Granary.Client;
using Granary.Gateway;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scalar.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds Granary's HTTP API to an application that is an Orleans client or a silo.</summary>
public static class GranaryGatewayExtensions
{
    /// <summary>Adds what the API needs: the client, problem documents, its description.</summary>
    public static IServiceCollection AddGranaryGateway(this IServiceCollection services)
    {
        services.AddGranaryClient();
        services.AddProblemDetails(static options => options.CustomizeProblemDetails = static context =>
            context.ProblemDetails.Detail ??= Problems.Advice(context.ProblemDetails.Status));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RequestTargetFilter>());
        services.AddOpenApi(ApiDescription.Configure);
        return services;
    }

    /// <summary>
    /// Maps the API under <c>/api</c>, health under <c>/health</c>, its description at <c>/openapi/v1.json</c> and a
    /// page to read and try it at <c>/reference</c>. There is no authentication yet: put it behind something that has.
    /// </summary>
    public static IEndpointRouteBuilder MapGranary(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").AddEndpointFilter(Problems.Filter);
        StreamEndpoints.Map(api);
        LogEndpoints.Map(api);
        AccountEndpoints.Map(api);

        var health = routes.MapGroup("/health").AddEndpointFilter(Problems.Filter).WithTags("Health");
        health.MapGet("/live", () => Results.Text("live")).WithSummary("Whether the process runs")
            .Produces<string>(200, "text/plain");
        health.MapGet("/ready", Ready).WithSummary("Whether the store can be reached")
            .Produces<string>(200, "text/plain").ProducesProblem(503);

        routes.MapOpenApi();
        routes.MapScalarApiReference(
            "/reference",
            static page => page.DisableTelemetry().DisableAgent().DisableMcp().DisableDefaultFonts()
                .HideDeveloperTools())
            .AddEndpointFilter(static (call, next) =>
            {
                call.HttpContext.Response.Headers.ContentSecurityPolicy = OwnOriginOnly;
                return next(call);
            });
        return routes;
    }

    // The page's script knows other hosts; with this no browser asks them, whatever its settings come to say.
    private const string OwnOriginOnly =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; object-src 'none'";

    private static async Task<IResult> Ready(IGranaryClient client, HttpContext context)
    {
        await client.ReadHeadAsync(new StreamName("health", "ready"), context.RequestAborted);
        return Results.Text("ready");
    }
}
