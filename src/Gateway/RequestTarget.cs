using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.Gateway;

/// <summary>
/// Reads names out of the path as it was sent. The decoded path cannot tell a slash inside a key from one between segments.
/// </summary>
internal static class RequestTarget
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The stream of <c>/api/streams/{category}/{key}</c>.</summary>
    public static StreamName Stream(HttpContext context)
    {
        var segments = Segments(context);
        var at = Array.IndexOf(segments, "streams");
        return StreamName.TryCreate(Decode(segments[at + 1]), Decode(segments[at + 2]), out var stream, out var fault)
            ? stream
            : throw ApiProblem.BadRequest(fault);
    }

    /// <summary>The id of <c>/api/accounts/{id}</c>.</summary>
    public static string AccountId(HttpContext context)
    {
        var segments = Segments(context);
        var id = Decode(segments[Array.IndexOf(segments, "accounts") + 1]);
        return StreamName.TryCreate("account", id, out _, out var fault) ? id : throw ApiProblem.BadRequest(fault);
    }

    private static string[] Segments(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (!target.StartsWith('/')) target = new Uri(target).AbsolutePath;
        return target.Split('?', 2)[0].Split('/');
    }

    private static string Decode(string segment)
    {
        var bytes = new List<byte>(segment.Length);
        for (var at = 0; at < segment.Length; at++)
        {
            if (segment[at] != '%')
            {
                bytes.Add((byte)segment[at]);
            }
            else if (at + 2 < segment.Length
                && byte.TryParse(segment.AsSpan(at + 1, 2), System.Globalization.NumberStyles.HexNumber, null, out var one))
            {
                bytes.Add(one);
                at += 2;
            }
            else
            {
                throw ApiProblem.BadRequest($"'{segment}' is not percent-encoded rightly: a % is followed by two hex digits.");
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
}
