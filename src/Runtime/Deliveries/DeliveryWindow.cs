namespace Granary.Runtime;

/// <summary>
/// The events after a subscription's checkpoint that were read: those that wait, those that consumers have, and those
/// that were acknowledged while an earlier one was not. It is bounded, and has no content of events.
/// </summary>
internal sealed class DeliveryWindow
{
    /// <summary>How many events it holds.</summary>
    public const int CountMax = GranaryLimits.PageSizeMax;

    private readonly LinkedList<DeliveryEntry> _entries = [];
    private readonly Dictionary<GlobalPosition, DeliveryEntry> _byPosition = [];

    public int Count => _entries.Count;

    /// <summary>How many events may be added; 0 where it is full.</summary>
    public int Room => Math.Max(0, CountMax - _entries.Count);

    public IEnumerable<DeliveryEntry> Entries => _entries;

    public void Add(DeliveryEntry entry)
    {
        _entries.AddLast(entry);
        _byPosition.Add(entry.Position, entry);
    }

    public DeliveryEntry? Find(GlobalPosition position) => _byPosition.GetValueOrDefault(position);

    /// <summary>
    /// The first event of each stream that is not done, where it waits and its time has come; in the log's order.
    /// </summary>
    public IEnumerable<DeliveryEntry> FindReady(DateTimeOffset now)
    {
        var seen = new HashSet<StreamName>();
        foreach (var one in _entries)
        {
            if (one.State == DeliveryState.Done || !seen.Add(one.Stream)) continue;
            if (one.State == DeliveryState.Waiting && one.Until <= now) yield return one;
        }
    }

    /// <summary>Removes the events at its start that are done.</summary>
    /// <returns>The events that were removed.</returns>
    public IReadOnlyList<DeliveryEntry> RemoveDone()
    {
        var removed = new List<DeliveryEntry>();
        while (_entries.First is { Value: { State: DeliveryState.Done } first })
        {
            _entries.RemoveFirst();
            _byPosition.Remove(first.Position);
            removed.Add(first);
        }

        return removed;
    }
}
