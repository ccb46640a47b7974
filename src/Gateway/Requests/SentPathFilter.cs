using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Gateway;

/// <summary>
/// Routes what a server's own path cannot: a name that is <c>.</c> or <c>..</c>, which it removes, and a slash in a
/// name of a target in absolute form, which it decodes. A request is changed only where what was sent is, segment by
/// segment, a route of the gateway's own.
/// </summary>
internal sealed class SentPathFilter : IStartupFilter
{
    private const string StandIn = "x";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, following) =>
        {
            Restore(context);
            return following(context);
        });
        next(app);
    };

    private static void Restore(HttpContext context)
    {
        var path = RequestTarget.Path(context);
        var isAbsolute = RequestTarget.IsAbsolute(context);
        if (!isAbsolute && !MayHoldDots(path)) return;
        var segments = path[1..].Split('/');
        if (!isAbsolute && !Array.Exists(segments, IsDots)) return;
        var pathBase = (context.Request.PathBase.Value ?? "").Count(static one => one == '/');
        if (pathBase >= segments.Length) return;
        segments = segments[pathBase..];
        foreach (var endpoint in context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints)
        {
            if (endpoint is not RouteEndpoint route || route.Metadata.GetMetadata<NamesInPath>() is null
                || !Matches(route.RoutePattern, segments))
                continue;
            context.Features.Set(new SentSegments(segments));
            context.Request.Path = "/" + string.Join('/', segments.Select(static one => IsDots(one) ? StandIn
                : PercentEncoding.TryDecode(one, keepSlash: true) ?? StandIn));
            return;
        }
    }

    // Nearly no path does, and those that do not cost one search.
    private static bool MayHoldDots(string path) =>
        path.Contains("/.", StringComparison.Ordinal) || path.Contains("/%2e", StringComparison.OrdinalIgnoreCase);

    private static bool IsDots(string segment) => PercentEncoding.TryDecode(segment) is "." or "..";

    private static bool Matches(RoutePattern pattern, string[] segments)
    {
        if (pattern.PathSegments.Count != segments.Length) return false;
        for (var at = 0; at < segments.Length; at++)
        {
            if (pattern.PathSegments[at].Parts is [RoutePatternLiteralPart literal])
            {
                var sent = PercentEncoding.TryDecode(segments[at]);
                if (!literal.Content.Equals(sent, StringComparison.OrdinalIgnoreCase)) return false;
            }
            else if (segments[at].Length == 0)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Marks a route whose path holds names that are read as they were sent.</summary>
internal sealed class NamesInPath
{
    public static NamesInPath Marker { get; } = new();
}
