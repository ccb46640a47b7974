using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>How long a grain's journal tries, and how much it holds.</summary>
public sealed class JournalOptions
{
    /// <summary>
    /// How long an unavailable store is called again, in milliseconds from when an event was raised (or a load, a
    /// refresh or a clearing began) until its confirmation fails. It must be less than the silo's
    /// <c>SiloMessagingOptions.ResponseTimeout</c>, so that a caller gets the error and not a <c>TimeoutException</c>.
    /// Default: two thirds of that time-out, which are 20,000.
    /// </summary>
    [Range(1, 3_600_000)]
    public int? RetryTimeoutMs { get; set; }

    /// <summary>
    /// The wait before the second retry, in milliseconds; it doubles with each further one. Default 50.
    /// </summary>
    [Range(1, 60_000)]
    public int RetryDelayMs { get; set; } = 50;

    /// <summary>The longest wait between two tries, in milliseconds. Default 2,000.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMaxMs { get; set; } = 2_000;

    /// <summary>How many conflicts in a row a grain's append may have before it fails. Default 100.</summary>
    [Range(1, 10_000)]
    public int ConflictsMax { get; set; } = 100;

    /// <summary>How many events a grain may have raised that are not confirmed. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int UnconfirmedEventsMax { get; set; } = 10_000;

    /// <summary>
    /// How many bytes of payload and metadata a grain may have raised that are not confirmed, 4 MiB (the size of one
    /// append) to 1 GiB. Default 16 MiB.
    /// </summary>
    [Range(GranaryLimits.BatchSizeMax, 1024 * 1024 * 1024)]
    public int UnconfirmedSizeMaxBytes { get; set; } = 16 * 1024 * 1024;
}
