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
    /// Requests to <c>/api/appends</c> that are open at once; a further one is answered 503 with <c>Retry-After</c>.
    /// Each takes up to 8 MiB, or one line. Default 32.
    /// </summary>
    [Range(1, 1_000)]
    public int AppendRequestsMax { get; set; } = 32;

    /// <summary>
    /// Appends of one such request that are in flight at once; further lines are not read. Default 256.
    /// </summary>
    [Range(1, 10_000)]
    public int AppendsInFlightMax { get; set; } = 256;

    /// <summary>
    /// How long the caller of such a request may send nothing, or take none of its answers, in milliseconds. Default
    /// 60,000.
    /// </summary>
    [Range(1_000, 86_400_000)]
    public int AppendsIdleMaxMs { get; set; } = 60_000;

    /// <summary>
    /// Readers of the log and of streams that are live at once; a further one is answered 503 with <c>Retry-After</c>.
    /// Each takes about 1 MiB, and at most 8 MiB where events are large. Default 256.
    /// </summary>
    [Range(1, 100_000)]
    public int LiveReadersMax { get; set; } = 256;

    /// <summary>
    /// After so long without an event a live reader is sent a comment, in milliseconds: below what proxies on the way
    /// wait for. Default 15,000.
    /// </summary>
    [Range(100, 3_600_000)]
    public int LiveHeartbeatMs { get; set; } = 15_000;

    /// <summary>
    /// How long a live reader may take nothing of what is sent, in milliseconds; then it is cut off. Default 30,000.
    /// </summary>
    [Range(100, 3_600_000)]
    public int LiveUnreadMaxMs { get; set; } = 30_000;

    /// <summary>
    /// How long ago the first event was recorded that a reader of the log has not passed, in milliseconds, before
    /// <c>/health/readers</c> is 503. Default 60,000.
    /// </summary>
    [Range(1_000, 86_400_000)]
    public int ReadersLagMaxMs { get; set; } = 60_000;

    /// <summary>
    /// Senders of CloudEvents that may deliver by a web hook: host names, parted by semicolons, or * for every sender.
    /// One that is not named is not allowed when it asks. Default none.
    /// </summary>
    public string WebHookOrigins { get; set; } = "";
}
