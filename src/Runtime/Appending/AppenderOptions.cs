using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>How much the appender holds and how much it commits at once.</summary>
public sealed class AppenderOptions
{
    /// <summary>How many appends wait in a partition's queue before further ones wait for room. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int QueueLengthMax { get; set; } = 10_000;

    /// <summary>How many events one commit holds, unless a single append is larger. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int BatchEventsMax { get; set; } = 5_000;

    /// <summary>How many bytes of payload and metadata one commit holds, unless one append is larger. Default 4 MiB.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public long BatchSizeMaxBytes { get; set; } = GranaryLimits.BatchSizeMax;
}
