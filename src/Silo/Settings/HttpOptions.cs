using System.ComponentModel.DataAnnotations;

namespace Granary.Silo;

/// <summary>How clients of the HTTP API are limited.</summary>
internal sealed class HttpOptions
{
    /// <summary>How many connections are open at once; a further one is closed at once.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 1_000;

    /// <summary>
    /// The rate in bytes per second below which a request's body, or the reading of a response, is cut off.
    /// </summary>
    [Range(1, 100_000_000)]
    public int DataRateMinBytes { get; set; } = 4_096;

    /// <summary>How long a transfer may be slower than that, in milliseconds.</summary>
    [Range(1_001, 600_000)]
    public int DataRateGraceMs { get; set; } = 5_000;

    /// <summary>How long a request's headers may take, in milliseconds.</summary>
    [Range(1_000, 600_000)]
    public int HeadersTimeoutMs { get; set; } = 10_000;

    /// <summary>
    /// A second port for HTTP/2 without TLS, on the host of Granary:Url: many requests at once over one connection.
    /// 0 for none.
    /// </summary>
    [Range(0, 65_535)]
    public int Http2Port { get; set; }
}
