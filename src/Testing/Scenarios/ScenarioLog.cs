namespace Granary.Testing;

/// <summary>
/// A scenario's stream, which outlives the activations. A command that raised nothing leaves an entry too.
/// </summary>
internal sealed class ScenarioLog
{
    private readonly List<ScenarioEntry> _entries = [];

    public int Count => _entries.Count;

    public IReadOnlyList<ScenarioEntry> Entries => _entries;

    public void Add(object? @event, EventMetadata? command) => _entries.Add(new ScenarioEntry(@event, command));

    public IReadOnlyList<object> EventsAfter(int count) =>
        _entries.Skip(count).Select(static entry => entry.Event).OfType<object>().ToArray();
}

/// <summary>An event, or the mark of a command that raised none, and what it says of its command.</summary>
internal sealed record ScenarioEntry(object? Event, EventMetadata? Command);
