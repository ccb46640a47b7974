namespace Granary;

/// <summary>
/// How large what a store takes may be. No limit is greater than Granary's own, which are the defaults. What is over a
/// limit is refused when it is raised, before it comes to the store.
/// </summary>
public sealed record StoreLimits
{
    /// <summary>The limits of a store that takes everything that Granary takes.</summary>
    public static StoreLimits Largest { get; } = new();

    /// <summary>The payload of an event, in bytes; at least 1.</summary>
    public int EventSizeMax { get; init; } = GranaryLimits.EventSizeMax;

    /// <summary>Payloads and metadata of one append, in bytes; at least the size of one event.</summary>
    public long AppendSizeMax { get; init; } = GranaryLimits.BatchSizeMax;

    /// <summary>How many events an append holds; at least 1.</summary>
    public int AppendEventsMax { get; init; } = GranaryLimits.AppendEventsMax;

    /// <summary>Payloads and metadata of the appends of one commit, in bytes; at least those of one append.</summary>
    public long BatchSizeMax { get; init; } = long.MaxValue;

    /// <summary>How many events the appends of one commit hold; at least as many as one append.</summary>
    public int BatchEventsMax { get; init; } = int.MaxValue;
}
