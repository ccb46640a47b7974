namespace Granary.Runtime;

/// <summary>
/// The events after a subscription's checkpoint that were read: those that wait, those that consumers have, and those
/// that were acknowledged while an earlier one was not. It is bounded.
/// </summary>
internal sealed class DeliveryWindow
{
    /// <summary>How many events it holds.</summary>
    public const int CountMax = GranaryLimits.PageSizeMax;

    /// <summary>It takes no more pages when its events are larger together, in bytes.</summary>
    public const long BytesMax = 4 * 1024 * 1024;

    private readonly LinkedList<DeliveryEntry> _entries = [];
    private readonly Dictionary<GlobalPosition, DeliveryEntry> _byPosition = [];
    private long _bytes;

    public int Count => _entries.Count;

    /// <summary>How many events may be added; 0 where it is full.</summary>
    public int Room => _bytes >= BytesMax ? 0 : CountMax - _entries.Count;

    public IEnumerable<DeliveryEntry> Entries => _entries;

    public void Add(DeliveryEntry entry)
    {
        _entries.AddLast(entry);
        _byPosition.Add(entry.Position, entry);
        _bytes += SizeOf(entry);
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
            Forget(first);
            removed.Add(first);
        }

        return removed;
    }

    private void Forget(DeliveryEntry entry)
    {
        _byPosition.Remove(entry.Position);
        _bytes -= SizeOf(entry);
    }

    private static long SizeOf(DeliveryEntry entry) =>
        entry.Event.Payload.Length + entry.Event.Metadata.Pairs.Sum(static one => one.Key.Length + one.Value.Length);
}
