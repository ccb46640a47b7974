using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Granary;

/// <summary>Where a webhook sends events, and how.</summary>
public sealed class WebhookOptions
{
    /// <summary>The length of a secret at least, in characters.</summary>
    public const int SecretLengthMin = 32;

    /// <summary>Where events are sent: an absolute <c>https</c> address without user and fragment.</summary>
    public Uri? Url { get; set; }

    /// <summary>What requests are signed with: at least <see cref="SecretLengthMin"/> characters.</summary>
    public string? Secret { get; set; }

    /// <summary>
    /// A second secret, for the time in which the receiver changes from one to the other: requests have a signature of
    /// each.
    /// </summary>
    public string? OtherSecret { get; set; }

    /// <summary>The categories whose events are sent; empty for all.</summary>
    public IList<string> Categories { get; } = [];

    /// <summary>The types of events that are sent, by their names in the log; empty for all.</summary>
    public IList<string> EventTypes { get; } = [];

    /// <summary>The CloudEvents attribute <c>source</c>: a URI reference. Default <c>/granary</c>.</summary>
    [Required]
    public string Source { get; set; } = "/granary";

    /// <summary>Whether a new webhook sends all of history. Default false: it begins at the end of the log.</summary>
    public bool FromBeginning { get; set; }

    /// <summary>How often an event is sent before its stream is parked, 1 to 100. Default 8.</summary>
    [Range(1, 100)]
    public int TriesMax { get; set; } = 8;

    /// <summary>
    /// How long it waits after the first failed try, in milliseconds, 1 to 60,000; doubled after each, and shortened by
    /// up to half at random. Default 1,000.
    /// </summary>
    [Range(1, 60_000)]
    public int RetryDelayMs { get; set; } = 1_000;

    /// <summary>
    /// How long it waits between two tries at most, in milliseconds, 1 to 600,000, also where the receiver asks for
    /// more with <c>Retry-After</c>. Default 30,000.
    /// </summary>
    [Range(1, 600_000)]
    public int RetryDelayMaxMs { get; set; } = 30_000;

    /// <summary>
    /// How long a request may take with its answer, in milliseconds, 100 to 300,000. Default 10,000.
    /// </summary>
    [Range(100, 300_000)]
    public int TimeoutMs { get; set; } = 10_000;

    /// <summary>How many requests of a partition are in flight at most, 1 to 256. Default 8.</summary>
    [Range(1, 256)]
    public int ConcurrencyMax { get; set; } = 8;

    /// <summary>Whether <c>http</c> is allowed: others on the way can read the events then. Default false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Whether it may connect to any address: private, loopback and link-local ones as well. Default false.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Networks that it may connect to though they are not public, as <c>10.1.2.0/24</c>.</summary>
    public IList<IPNetwork> AllowedNetworks { get; } = [];
}
