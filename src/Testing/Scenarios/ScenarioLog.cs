namespace Granary.Testing;

/// <summary>
/// A scenario's stream, which all its activations share. A command that raised nothing leaves an entry too.
/// </summary>
internal sealed class ScenarioLog
{
    private readonly List<ScenarioEntry> _entries = [];
    private int _mark;

    public int Count => _entries.Count;

    public IReadOnlyList<ScenarioEntry> Entries => _entries;

    public void Add(ScenarioEntry entry) => _entries.Add(entry);

    /// <summary>Encodes the events that were given.</summary>
    public void EncodeGiven(Func<object, NewEvent> encode)
    {
        for (var at = 0; at < Count; at++)
        {
            if (_entries[at] is { Event: { } given, Stored: null } entry)
                _entries[at] = entry with { Stored = encode(given) };
        }
    }

    /// <summary>Begins to count what is new.</summary>
    public void Mark() => _mark = Count;

    /// <summary>The events since the mark; all of them where the log was cleared since.</summary>
    public IReadOnlyList<object> EventsSinceMark() =>
        _entries.Skip(_mark).Select(static entry => entry.Event).OfType<object>().ToArray();

    public void Clear()
    {
        _entries.Clear();
        _mark = 0;
    }
}

/// <summary>An event, or the marker of a command that raised none.</summary>
/// <param name="Event">The event as it was raised or given.</param>
/// <param name="Stored">The event as a store keeps it; null where a given one is not encoded yet.</param>
/// <param name="Command">Metadata of the command that ended with it.</param>
internal sealed record ScenarioEntry(object? Event, NewEvent? Stored, EventMetadata? Command = null);
