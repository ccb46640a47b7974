using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>
/// Refuses what a page of another origin can make a browser send without asking first: a call that changes state, whose
/// content type a form could have or that has no body. Other content types need a preflight, which only the
/// application itself can allow.
/// </summary>
internal static class CrossOrigin
{
    public static void Check(HttpRequest request)
    {
        if (!request.Headers.TryGetValue("Origin", out var origins) || HttpMethods.IsGet(request.Method)
            || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return;
        if (origins is [{ } origin] && IsOwn(request, origin)) return;
        if (RequestBody.IsJson(RequestBody.MediaType(request)) || CloudEvents.IsBinary(request)) return;
        throw new ApiProblem(
            403, "cross-origin", "Another origin may not do that",
            $"A page of {origins} sent this request. Send it from this origin, or with a body in JSON.");
    }

    // The scheme is not compared: after a proxy that ends TLS it differs. What has more than scheme, host and port is
    // no origin of a browser.
    private static bool IsOwn(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && origin.Equals($"{from.Scheme}://{from.Authority}", StringComparison.OrdinalIgnoreCase)
        && from.Authority.Equals(request.Host.ToUriComponent(), StringComparison.OrdinalIgnoreCase);
}
