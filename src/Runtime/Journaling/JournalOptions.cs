using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>How long a grain's journal tries, and how much it holds.</summary>
public sealed class JournalOptions
{
    /// <summary>How often an unavailable store is tried again before the events are given up. Default 5.</summary>
    [Range(0, 100)]
    public int RetriesMax { get; set; } = 5;

    /// <summary>
    /// The wait before the second retry, in milliseconds; it doubles with each further one. Default 50.
    /// </summary>
    [Range(1, 60_000)]
    public int RetryDelayMs { get; set; } = 50;

    /// <summary>The longest wait between two tries, in milliseconds. Default 2,000.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMaxMs { get; set; } = 2_000;

    /// <summary>How many lost races in a row a grain's append survives before it is given up. Default 100.</summary>
    [Range(1, 10_000)]
    public int ConflictsMax { get; set; } = 100;

    /// <summary>How many events a grain may have raised without their being confirmed. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int UnconfirmedEventsMax { get; set; } = 10_000;
}
