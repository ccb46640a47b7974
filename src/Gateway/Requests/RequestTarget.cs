using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Granary.Gateway;

/// <summary>
/// Reads names out of the path as it was sent. The server's decoded path cannot distinguish a slash inside a key from
/// one between segments.
/// </summary>
internal static class RequestTarget
{
    /// <summary>The stream of <c>/api/streams/{category}/{key}</c>.</summary>
    public static StreamName Stream(HttpContext context) =>
        StreamName.TryCreate(Name(context, "category"), Name(context, "key"), out var stream, out var fault)
            ? stream
            : throw Invalid(fault);

    /// <summary>The id of <c>/api/accounts/{id}</c>.</summary>
    public static string AccountId(HttpContext context)
    {
        var id = Name(context, "id");

        // A grain has no key of space alone.
        if (string.IsNullOrWhiteSpace(id)) throw Invalid("An account's id has characters other than space.");
        return StreamName.TryCreate("account", id, out _, out var fault) ? id : throw Invalid(fault);
    }

    /// <summary>The path as it was sent, without host and query.</summary>
    public static string Path(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target)) return context.Request.PathBase.Add(context.Request.Path).ToUriComponent();
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (path.StartsWith('/')) return path;

        // Absolute form, as a proxy is sent it: the path begins after the authority.
        var authority = path.IndexOf("://", StringComparison.Ordinal) + 3;
        var slash = authority < 3 ? -1 : path.IndexOf('/', authority);
        return slash < 0 ? "/" : path[slash..];
    }

    /// <summary>Whether the target names scheme and host too.</summary>
    public static bool IsAbsolute(HttpContext context) =>
        context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } target && target[0] != '/';

    /// <summary>The name in the path that a parameter of the route stands for.</summary>
    /// <remarks>
    /// A server removes dot segments before it routes. Then the segments that were sent are not those that were routed,
    /// and the names in them would be another stream's: they must agree, or the filter has taken the names before.
    /// </remarks>
    public static string Name(HttpContext context, string parameter)
    {
        var pattern = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern;
        if (context.Features.Get<SentSegments>() is { } sent) return Decode(sent.All[IndexOf(pattern, parameter)]);
        var segment = Segment(Path(context), pattern.PathSegments.Count - IndexOf(pattern, parameter));
        var routed = (string?)context.Request.RouteValues[parameter];

        // A name in which nothing is encoded is the one that was routed: it takes no further text.
        if (segment.SequenceEqual(routed) && !segment.Contains('%')) return routed!;
        var encoded = segment.ToString();
        return PercentEncoding.TryDecode(encoded, keepSlash: true) == routed
            ? Decode(encoded)
            : throw Invalid("The path holds . or .. as a segment of its own, or a part that is not percent-encoded "
                + "UTF-8. Encode each part of a path by itself.");
    }

    private static int IndexOf(RoutePattern pattern, string parameter)
    {
        var segments = pattern.PathSegments;
        for (var at = segments.Count - 1; at >= 0; at--)
        {
            if (segments[at].Parts is [RoutePatternParameterPart part] && part.Name == parameter) return at;
        }

        throw new InvalidOperationException($"The route {pattern.RawText} has no {parameter}.");
    }

    // The n-th segment from the end, from 1. One empty segment after the last slash does not count, as in routing.
    private static ReadOnlySpan<char> Segment(string path, int fromEnd)
    {
        var end = path.EndsWith('/') ? path.Length - 1 : path.Length;
        while (true)
        {
            var start = end > 0 ? path.LastIndexOf('/', end - 1) : -1;
            if (start < 0) return "";
            if (--fromEnd == 0) return path.AsSpan((start + 1)..end);
            end = start;
        }
    }

    private static string Decode(string segment) => PercentEncoding.TryDecode(segment)
        ?? throw Invalid($"'{segment}' is not percent-encoded UTF-8: two hex digits follow a %.");

    private static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-target", detail);
}
