namespace Granary.Runtime;

/// <summary>What one call raised: events that land together, in order, or not at all.</summary>
/// <param name="entries">The events as objects; empty for a marker that changes no state.</param>
/// <param name="events">The same events, encoded when they were raised.</param>
/// <param name="promise">Set for a conditional submission: told whether it landed where it was raised.</param>
/// <param name="raisedAt">The clock's time stamp at that moment, for the statistics.</param>
internal sealed class Submission<TEntry>(
    IReadOnlyList<TEntry> entries, IReadOnlyList<NewEvent> events, TaskCompletionSource<bool>? promise, long raisedAt)
{
    public IReadOnlyList<TEntry> Entries { get; } = entries;

    public IReadOnlyList<NewEvent> Events { get; } = events;

    public TaskCompletionSource<bool>? Promise { get; } = promise;

    public long RaisedAt { get; } = raisedAt;

    public long Size { get; } = events.Sum(static @event => (long)@event.Size);
}
