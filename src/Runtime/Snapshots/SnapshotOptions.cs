using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>When snapshots are taken.</summary>
public sealed class SnapshotOptions
{
    /// <summary>Whether snapshots are taken at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// A snapshot is due when replaying what came after the last one would take longer, in milliseconds. Default 5.
    /// </summary>
    [Range(0.01, 60_000)]
    public double ReplayCostMaxMs { get; set; } = 5;

    /// <summary>A snapshot is due after so many events whatever their cost. Default 1,000.</summary>
    [Range(1, 10_000_000)]
    public int EventsMax { get; set; } = 1_000;

    /// <summary>Below so many events none is taken: a measurement of so few is mostly noise. Default 100.</summary>
    [Range(1, 10_000_000)]
    public int EventsMin { get; set; } = 100;

    /// <summary>
    /// Whether the state of a truncated stream is read from a snapshot that other code folded, or that has another
    /// shape of the state type, where there is no other one. The events that would give the state of the present code
    /// are gone. Members that the snapshot does not have get their default; members that the type does not have any
    /// more are dropped. Without it such a grain cannot be activated. Default false.
    /// </summary>
    public bool AcceptOldOfTruncated { get; set; }

    /// <summary>
    /// How many snapshots wait to be written, of 64 MiB together; further ones are dropped. Default 256.
    /// </summary>
    [Range(1, 100_000)]
    public int QueueLengthMax { get; set; } = 256;
}
