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

    /// <summary>The submission after it in its queue.</summary>
    public Submission? Next { get; set; }

    /// <summary>
    /// Its number in its journal: 1 for the first, and never used again. What waits for it waits for this number.
    /// </summary>
    public long Number { get; set; }

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

    /// <summary>Whether it lands only where it was raised, with no other writer's events between.</summary>
    public bool IsConditional { get; private set; }

    /// <summary>Whether it is a command, whose <see cref="Confirmation"/> returns whether it landed.</summary>
    public bool IsCommand { get; set; }

    /// <summary>Set where a caller waits for a conditional submission: whether it landed.</summary>
    public TaskCompletionSource<bool>? Promise { get; set; }

    /// <summary>
    /// Set where a caller waits for the append that ends with this submission: a task that is started when the append
    /// is answered, and that is itself the turn that confirms it.
    /// </summary>
    public Task<bool>? Confirmation { get; set; }

    /// <summary>The loop whose turn <see cref="Confirmation"/> is.</summary>
    public AppendLoop? Loop { get; set; }

    /// <summary>How <see cref="Confirmation"/> ends; null where it has to confirm the append first.</summary>
    public ConfirmationResult? Result { get; set; }

    /// <summary>The clock's time stamp when it was raised: its time to be confirmed begins then.</summary>
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

    /// <summary>Drops everything but the buffer, so that it can be used again.</summary>
    public void Clear()
    {
        (_entry, _event, _entries, _events) = (null, null, null, null);
        (Next, Number, Promise, RaisedAt) = (null, 0, null, 0);
        (IsCommand, Confirmation, Loop, Result) = (false, null, null, null);
    }

    /// <inheritdoc />
    public IEnumerator<NewEvent> GetEnumerator()
    {
        for (var at = 0; at < Count; at++) yield return this[at];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>How a wait for a submission ended.</summary>
/// <param name="Landed">Whether it is stored; false where it was dropped because another writer came between.</param>
/// <param name="Fault">The error, where there was one.</param>
internal readonly record struct ConfirmationResult(bool Landed, Exception? Fault);
