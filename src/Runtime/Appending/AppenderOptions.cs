using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>How a silo groups appends into commits. Each setting counts for each partition of the log.</summary>
public sealed class AppenderOptions
{
    /// <summary>
    /// How many appends wait for the writer, 1 to 1,000,000; 10,000 by default. An append to a full queue
    /// waits until one is dequeued.
    /// </summary>
    [Range(1, 1_000_000)]
    public int QueueLengthMax { get; set; } = 10_000;

    /// <summary>
    /// How many events a commit holds, 1 to 100,000; 5,000 by default. An append is never split: one that holds more is
    /// committed alone.
    /// </summary>
    [Range(1, 100_000)]
    public int BatchEventsMax { get; set; } = 5_000;

    /// <summary>
    /// How many bytes of payload and metadata a commit holds, 1 to 256 MiB; 4 MiB by default. An append is never split:
    /// one that is larger is committed alone.
    /// </summary>
    [Range(1, 256 * 1024 * 1024)]
    public int BatchSizeMaxBytes { get; set; } = GranaryLimits.BatchSizeMax;

    /// <summary>
    /// How long a commit may take, in milliseconds, 1 to 3,600,000; 10,000 by default. When it has not returned by
    /// then, its appends and those that wait fail with <see cref="StoreUnavailableException"/>, also where the store
    /// cannot be interrupted. Whether they were committed is found out by appending again with the same id, as journals
    /// do.
    /// </summary>
    [Range(1, 3_600_000)]
    public int CommitTimeoutMs { get; set; } = 10_000;

    /// <summary>
    /// Whether the silos of a cluster send the batches of each partition to one of them, which commits them together;
    /// true by default. It counts where the store is one that silos on many machines write. Where it is false, each
    /// silo commits its own batches, and silos that write one partition wait for each other.
    /// </summary>
    public bool RoutesCommits { get; set; } = true;

    /// <summary>
    /// How long the silo that owns a partition may take to commit a batch of another silo, in milliseconds, 1 to
    /// 60,000; 1,000 by default. When it has not answered by then, the other silo commits the batch itself, and its
    /// next ones for ten seconds. Keep it well below <see cref="CommitTimeoutMs"/>, within which both have to be done.
    /// </summary>
    [Range(1, 60_000)]
    public int RouteTimeoutMs { get; set; } = 1_000;
}
