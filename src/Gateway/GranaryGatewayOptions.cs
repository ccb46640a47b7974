using System.ComponentModel.DataAnnotations;

namespace Granary;

/// <summary>How much the HTTP API reads at once, and who may deliver to it.</summary>
public sealed class GranaryGatewayOptions
{
    /// <summary>
    /// Pages of events and states that are read at once; each takes a few MiB, and at most twice
    /// <see cref="GranaryLimits.StateSizeMax"/>. Further ones wait. Default 16.
    /// </summary>
    [Range(1, 1_000)]
    public int ReadsMax { get; set; } = 16;

    /// <summary>
    /// Pages and states that wait for one that is read; further ones are answered 503 with <c>Retry-After</c>. Default
    /// 64.
    /// </summary>
    [Range(0, 10_000)]
    public int ReadsQueuedMax { get; set; } = 64;

    /// <summary>
    /// Senders of CloudEvents that may deliver by a web hook: host names, parted by semicolons, or * for every sender.
    /// One that is not named is not allowed when it asks. Default none.
    /// </summary>
    public string WebHookOrigins { get; set; } = "";
}
