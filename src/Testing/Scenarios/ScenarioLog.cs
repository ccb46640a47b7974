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

    public void Add(object? @event, EventMetadata? command) => _entries.Add(new ScenarioEntry(@event, command));

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

/// <summary>An event, or the mark of a command that raised none, and the metadata of its command.</summary>
internal sealed record ScenarioEntry(object? Event, EventMetadata? Command);
