namespace Granary;

/// <summary>A page of a partition's log, as <see cref="IEventStore.ReadLogAsync"/> reads it.</summary>
/// <param name="Events">The events that the filter takes, oldest first.</param>
/// <param name="Through">
/// How far was looked: no event up to here, after the position that was given, is taken by the filter and not on this
/// page. The next page begins after it, also where this one holds no event.
/// </param>
/// <param name="End">
/// Where the partition ended. Where it is before the position that was given, that position is of another store, or of
/// a log that was restored from an older copy.
/// </param>
public sealed record LogPage(IReadOnlyList<RecordedEvent> Events, GlobalPosition Through, GlobalPosition End)
{
    /// <summary>Whether the partition went on after what was looked at.</summary>
    public bool More => Through < End;
}
