using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.Gateway;

/// <summary>
/// Reads names out of the path as it was sent. The decoded path cannot tell a slash inside a key from one between
/// segments.
/// </summary>
internal static class RequestTarget
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private const string StandIn = "x";

    /// <summary>
    /// Takes the names out of a request's path and routes it by one in which a plain letter stands for each: what a
    /// name is made of, dots and slashes included, then decides nothing about the way.
    /// </summary>
    public static void Take(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (target is null || !target.StartsWith('/')) return;
        var segments = target.Split('?', 2)[0].Split('/');
        var at = Array.FindIndex(segments, static one => one.Equals("api", StringComparison.OrdinalIgnoreCase)) + 1;
        if (at == 0 || at >= segments.Length) return;
        var names = segments[at].ToLowerInvariant() switch { "streams" => 2, "accounts" => 1, _ => 0 };
        if (names == 0 || segments.Length < at + 1 + names) return;

        context.Features.Set(new RawNames(segments[(at + 1)..(at + 1 + names)]));
        for (var name = 1; name <= names; name++) segments[at + name] = segments[at + name].Length == 0 ? "" : StandIn;
        context.Request.Path = string.Join('/', segments);
    }

    /// <summary>The stream of <c>/api/streams/{category}/{key}</c>.</summary>
    public static StreamName Stream(HttpContext context) =>
        StreamName.TryCreate(Name(context, 0), Name(context, 1), out var stream, out var fault)
            ? stream
            : throw ApiProblem.BadRequest(fault);

    /// <summary>The id of <c>/api/accounts/{id}</c>.</summary>
    public static string AccountId(HttpContext context)
    {
        var id = Name(context, 0);
        return StreamName.TryCreate("account", id, out _, out var fault) ? id : throw ApiProblem.BadRequest(fault);
    }

    private static string Name(HttpContext context, int at) =>
        Decode(context.Features.GetRequiredFeature<RawNames>().All[at]);

    private static string Decode(string segment)
    {
        if (!segment.Contains('%') && Ascii.IsValid(segment)) return segment;
        var bytes = new List<byte>(segment.Length);
        for (var at = 0; at < segment.Length; at++)
        {
            if (segment[at] != '%')
            {
                bytes.Add((byte)segment[at]);
            }
            else if (at + 2 < segment.Length
                && byte.TryParse(segment.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, null, out var one))
            {
                bytes.Add(one);
                at += 2;
            }
            else
            {
                throw ApiProblem.BadRequest($"'{segment}' is not percent-encoded: two hex digits follow a %.");
            }
        }

        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw ApiProblem.BadRequest($"'{segment}' is not UTF-8 when it is percent-decoded.");
        }
    }

    private sealed record RawNames(string[] All);
}
