using System.Collections;

namespace Granary.Runtime;

/// <summary>
/// What one call raised: events that land together, in order, or not at all. It is the list of its encoded events
/// itself. A single event, which most calls raise, takes neither an array nor memory for its payload of its own.
/// </summary>
internal sealed class Submission : IReadOnlyList<NewEvent>
{
    private object? _entry;
    private NewEvent? _event;
    private object[]? _entries;
    private NewEvent[]? _events;

    /// <summary>The submission behind it in its queue.</summary>
    public Submission? Next { get; set; }

    /// <summary>Where the payload of a single event may be written.</summary>
    public PayloadBuffer Buffer { get; } = new();

    /// <summary>How many events it holds.</summary>
    public int Count => _events?.Length ?? 1;

    /// <summary>How many objects the events were made of: none for a marker that changes no state.</summary>
    public int EntryCount => _entries?.Length ?? (_entry is null ? 0 : 1);

    /// <summary>
    /// Whether the objects cannot be changed, so that they may be folded into more than one state.
    /// </summary>
    public bool IsShareable { get; private set; }

    /// <summary>Whether it is to land only where it was raised, with nobody's events between.</summary>
    public bool IsConditional { get; private set; }

    /// <summary>Set where somebody waits for a conditional submission: told whether it landed.</summary>
    public TaskCompletionSource<bool>? Promise { get; set; }

    /// <summary>The clock's time stamp when it was raised, for the statistics.</summary>
    public long RaisedAt { get; set; }

    /// <summary>The size of payloads and metadata, in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>The encoded events.</summary>
    public NewEvent this[int index] => _events is null && index == 0 ? _event! : _events![index];

    /// <summary>The objects that the events were made of.</summary>
    public object EntryAt(int index) => _entries is null ? _entry! : _entries[index];

    /// <summary>All the objects.</summary>
    public IEnumerable<object> Entries => _entries ?? (_entry is null ? [] : [_entry]);

    /// <summary>Makes it one of a single event; a marker has no object.</summary>
    public Submission For(object? entry, NewEvent @event, bool isShareable, bool isConditional)
    {
        (_entry, _event, _entries, _events) = (entry, @event, null, null);
        (IsShareable, IsConditional, Size) = (isShareable, isConditional, @event.Size);
        return this;
    }

    /// <summary>Makes it one of several events.</summary>
    public Submission For(object[] entries, NewEvent[] events, bool isShareable, bool isConditional)
    {
        (_entry, _event, _entries, _events) = (null, null, entries, events);
        (IsShareable, IsConditional, Size) = (isShareable, isConditional, 0);
        foreach (var @event in events) Size += @event.Size;
        return this;
    }

    /// <summary>From now on it lands only where it was raised.</summary>
    public Submission MakeConditional()
    {
        IsConditional = true;
        return this;
    }

    /// <summary>Lets go of everything but the buffer.</summary>
    public void Clear()
    {
        (_entry, _event, _entries, _events) = (null, null, null, null);
        (Next, Promise, RaisedAt) = (null, null, 0);
    }

    /// <inheritdoc />
    public IEnumerator<NewEvent> GetEnumerator()
    {
        for (var at = 0; at < Count; at++) yield return this[at];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
