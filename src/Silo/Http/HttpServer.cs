using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Granary.Silo;

/// <summary>How the HTTP server is set up.</summary>
internal static class HttpServer
{
    // Category and key of 512 characters each, all of them percent-encoded, and the rest of the line.
    private const int RequestLineSizeMax = 12 * 1024;

    /// <summary>Where it listens.</summary>
    public static string[] Urls(GranarySiloOptions options) =>
        [.. new[] { options.Address, options.Http2Address }.OfType<Uri>()
            .Select(static one => one.GetLeftPart(UriPartial.Authority))];

    /// <summary>
    /// Sets limits and protocols. Without TLS a port has one protocol: which one a client speaks is agreed on by TLS.
    /// </summary>
    public static void Configure(KestrelServerOptions kestrel, HttpOptions options)
    {
        var rate = new MinDataRate(options.DataRateMinBytes, TimeSpan.FromMilliseconds(options.DataRateGraceMs));
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = RequestLineSizeMax;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Limits.MinRequestBodyDataRate = rate;
        kestrel.Limits.MinResponseDataRate = rate;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(options.HeadersTimeoutMs);
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            var stop = endpoint.ApplicationServices.GetRequiredService<StopLimit>();
            endpoint.Use(next => connection => stop.ServeAsync(connection, next));
            endpoint.Protocols = HttpProtocols.Http1;
            if (options.Http2Port > 0 && endpoint.IPEndPoint?.Port == options.Http2Port)
            {
                // The server refuses streams of HTTP/2 by frames, which have no place for a body.
                endpoint.Protocols = HttpProtocols.Http2;
                return;
            }

            var refusals = endpoint.ApplicationServices.GetRequiredService<RefusalBodies>();
            endpoint.Use(next => connection => refusals.ServeAsync(connection, next));
        });
    }
}
