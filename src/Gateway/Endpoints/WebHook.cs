using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Granary.Gateway;

/// <summary>The handshake by which a sender of CloudEvents requests permission to deliver to a stream.</summary>
internal static class WebHook
{
    private const string Methods = "GET, HEAD, OPTIONS, POST";

    /// <summary>
    /// Allows an origin that is configured, and the rate that it requests. To another one it does not reply that it is
    /// allowed: by the specification that sender must not deliver, so that nobody can direct a delivery service at a
    /// server that has not agreed to it. Without an origin it answers what the path takes.
    /// </summary>
    public static IResult Allow(
        HttpContext context, string category, string key, IOptions<GranaryGatewayOptions> options)
    {
        _ = RequestTarget.Stream(context);
        var (request, response) = (context.Request.Headers, context.Response.Headers);
        response.Allow = Methods;
        if (!request.TryGetValue("WebHook-Request-Origin", out var origins)) return Results.StatusCode(200);
        if (origins is not [{ Length: > 0 } origin]
            || !origin.All(static one => char.IsAscii(one) && !char.IsControl(one)))
            throw Invalid("WebHook-Request-Origin is the host name of the sender.");
        if (!IsAllowed(options.Value.WebHookOrigins, origin)) return Results.StatusCode(200);
        response["WebHook-Allowed-Origin"] = origin;
        if (!request.TryGetValue("WebHook-Request-Rate", out var rates)) return Results.StatusCode(200);
        if (rates is not [{ } rate]
            || !int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perMinute) || perMinute < 1)
            throw Invalid("WebHook-Request-Rate is a whole number of requests a minute, from 1.");
        response["WebHook-Allowed-Rate"] = perMinute.ToString(CultureInfo.InvariantCulture);
        return Results.StatusCode(200);
    }

    private static bool IsAllowed(string configured, string origin) => Array.Exists(
        configured.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        one => one == "*" || one.Equals(origin, StringComparison.OrdinalIgnoreCase));

    private static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-header", detail);
}
