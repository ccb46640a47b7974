using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>The handshake by which a sender of CloudEvents requests permission to deliver to a stream.</summary>
internal static class WebHook
{
    private const string Methods = "GET, HEAD, OPTIONS, POST";

    /// <summary>
    /// Allows the requested origin and rate: every client that reaches the API may append. Without an origin it
    /// answers what the path takes.
    /// </summary>
    public static IResult Allow(HttpContext context, string category, string key)
    {
        _ = RequestTarget.Stream(context);
        var (request, response) = (context.Request.Headers, context.Response.Headers);
        response.Allow = Methods;
        if (!request.TryGetValue("WebHook-Request-Origin", out var origins)) return Results.StatusCode(200);
        if (origins is not [{ Length: > 0 } origin]
            || !origin.All(static one => char.IsAscii(one) && !char.IsControl(one)))
            throw Invalid("WebHook-Request-Origin is the host name of the sender.");
        response["WebHook-Allowed-Origin"] = origin;
        if (!request.TryGetValue("WebHook-Request-Rate", out var rates)) return Results.StatusCode(200);
        if (rates is not [{ } rate]
            || !int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perMinute) || perMinute < 1)
            throw Invalid("WebHook-Request-Rate is a whole number of requests a minute, from 1.");
        response["WebHook-Allowed-Rate"] = perMinute.ToString(CultureInfo.InvariantCulture);
        return Results.StatusCode(200);
    }

    private static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-header", detail);
}
