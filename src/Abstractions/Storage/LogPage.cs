namespace Granary;

/// <summary>A page of a partition's log, as <see cref="IEventStore.ReadLogAsync"/> reads it.</summary>
/// <param name="Events">The events that the filter takes, oldest first.</param>
/// <param name="Through">
/// The last position that was looked at; the given one where none was. Every event between the two that the filter
/// takes is on this page. The next page begins after it, also where this one holds no event.
/// </param>
/// <param name="End">
/// The position of the partition's last event. Where the given position is after it, that one was read from another
/// store, or the log was since restored from an older copy.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.LogPage")]
public sealed record LogPage(
    [property: Id(0)] IReadOnlyList<RecordedEvent> Events,
    [property: Id(1)] GlobalPosition Through,
    [property: Id(2)] GlobalPosition End)
{
    /// <summary>Whether the partition has events after <see cref="Through"/>.</summary>
    public bool More => Through < End;
}
