namespace Granary.Runtime;

/// <summary>What one call raised: events that land together, in order, or not at all.</summary>
/// <param name="entries">The events as objects; empty for a marker that changes no state.</param>
/// <param name="events">The same events, encoded when they were raised.</param>
/// <param name="isShareable">
/// Whether the objects cannot be changed, so that they may be folded into more than one state.
/// </param>
internal sealed class Submission<TEntry>(
    IReadOnlyList<TEntry> entries, IReadOnlyList<NewEvent> events, bool isShareable)
{
    public IReadOnlyList<TEntry> Entries { get; } = entries;

    public IReadOnlyList<NewEvent> Events { get; } = events;

    public bool IsShareable { get; } = isShareable;

    /// <summary>Set for a conditional submission: told whether it landed where it was raised.</summary>
    public TaskCompletionSource<bool>? Promise { get; init; }

    /// <summary>The clock's time stamp when it was raised, for the statistics.</summary>
    public long RaisedAt { get; init; }

    public long Size { get; } = SizeOf(events);

    private static long SizeOf(IReadOnlyList<NewEvent> events)
    {
        var size = 0L;
        for (var at = 0; at < events.Count; at++) size += events[at].Size;
        return size;
    }
}
