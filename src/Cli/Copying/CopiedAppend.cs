namespace Granary.Cli;

/// <summary>One append as the source has it: its events, or the marker of a clearing.</summary>
internal sealed class CopiedAppend
{
    /// <summary>Takes the events of one append, in order; one alone where it is a marker.</summary>
    public CopiedAppend(IReadOnlyList<RecordedEvent> events)
    {
        Events = events;
        foreach (var one in events) Size += one.Payload.Length + one.Metadata.Utf8.Length;
    }

    /// <summary>The events in the source.</summary>
    public IReadOnlyList<RecordedEvent> Events { get; }

    /// <summary>The size of payloads and metadata, in bytes.</summary>
    public long Size { get; }

    public RecordedEvent First => Events[0];

    public RecordedEvent Last => Events[^1];

    /// <summary>Whether it cleared its stream.</summary>
    public bool Clears => First.Type == EventTypes.StreamCleared;

    /// <summary>The append for the target.</summary>
    /// <param name="expected">Where the stream has to end there.</param>
    public Append ToAppend(ExpectedVersion expected)
    {
        if (Clears)
            return Append.Clear(First.Stream, expected, First.AppendId, First.Timestamp);
        var events = new NewEvent[Events.Count];
        for (var at = 0; at < events.Length; at++)
        {
            var one = Events[at];
            events[at] = new NewEvent(one.Id, one.Type, one.Payload)
            {
                SchemaVersion = one.SchemaVersion,
                ContentType = one.ContentType,
                Metadata = one.Metadata,
            };
        }

        return new Append(First.Stream, expected, First.AppendId, events) { RecordedAt = First.Timestamp };
    }

    /// <summary>Whether an event of another store is the same: one of them may be a tombstone by now.</summary>
    public static bool AreSame(RecordedEvent one, RecordedEvent other) =>
        (one.Stream, one.Version, one.Id, one.AppendId) == (other.Stream, other.Version, other.Id, other.AppendId)
        && (one.Type == other.Type || one.IsTombstone || other.IsTombstone);
}
