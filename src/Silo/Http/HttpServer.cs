using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Granary.Silo;

/// <summary>How the HTTP server is set up.</summary>
internal static class HttpServer
{
    // Category and key of 512 characters each, all of them percent-encoded, and the rest of the line.
    private const int RequestLineSizeMax = 12 * 1024;

    /// <summary>Sets limits, and HTTP/1.1 as the one protocol: HTTP/2 is for TLS, which a proxy in front has.</summary>
    public static void Configure(KestrelServerOptions kestrel, HttpOptions options)
    {
        var rate = new MinDataRate(options.DataRateMinBytes, TimeSpan.FromMilliseconds(options.DataRateGraceMs));
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = RequestLineSizeMax;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Limits.MinRequestBodyDataRate = rate;
        kestrel.Limits.MinResponseDataRate = rate;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(options.HeadersTimeoutMs);
        kestrel.ConfigureEndpointDefaults(static endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            var refusals = endpoint.ApplicationServices.GetRequiredService<RefusalBodies>();
            endpoint.Use(next => connection => refusals.ServeAsync(connection, next));
        });
    }
}
