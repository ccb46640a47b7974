using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;

namespace Granary.Silo;

/// <summary>
/// Refuses requests for other hosts than this one. A web page whose name resolves to loopback (DNS rebinding) reaches
/// the API through a browser on this machine, but it cannot change the name that the browser sends.
/// </summary>
internal sealed class HostFilter
{
    private readonly List<StringSegment> _allowed;
    private readonly bool _allowsAll;

    public HostFilter(GranarySiloOptions options, IConfiguration configuration)
    {
        var configured = configuration["AllowedHosts"]?.Split(
            ';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        _allowsAll = configured.Contains("*");
        string[] loopback = ["localhost", "127.0.0.1", "[::1]"];
        _allowed = [.. loopback.Append(options.Address.Host).Concat(configured).Concat(Machine(options.Address))
            .Distinct(StringComparer.OrdinalIgnoreCase).Select(static one => new StringSegment(one))];
    }

    /// <summary>Passes a request on, or answers it with a problem document.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var host = context.Request.Host;
        return host.HasValue && (_allowsAll || HostString.MatchesAny(host.Value, _allowed))
            ? next(context)
            : RefuseAsync(context, host.Value);
    }

    private static Task RefuseAsync(HttpContext context, string? host) => Results.Problem(
        $"The request is for the host '{host}', which this server does not answer for. Where the name is right, the "
        + "server's operator adds it to the setting AllowedHosts.",
        statusCode: StatusCodes.Status400BadRequest,
        title: "The host is not allowed",
        extensions: new Dictionary<string, object?> { ["code"] = "host-not-allowed" }).ExecuteAsync(context);

    // Where the API listens on every address, this machine's own name and addresses are good: no foreign page has them.
    private static IEnumerable<string> Machine(Uri address)
    {
        if (!IPAddress.TryParse(address.DnsSafeHost, out var ip)) return [];
        if (!ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any)) return [];
        return NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
            .Select(static one => one.Address.AddressFamily == AddressFamily.InterNetworkV6
                ? $"[{new IPAddress(one.Address.GetAddressBytes())}]"
                : one.Address.ToString())
            .Append(Dns.GetHostName());
    }
}
