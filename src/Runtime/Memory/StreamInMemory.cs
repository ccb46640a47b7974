namespace Granary.Runtime;

/// <summary>What the memory store holds of a stream: its events, or where it was cleared.</summary>
internal sealed class StreamInMemory(LogPartition partition)
{
    public List<RecordedEvent> Events { get; private set; } = [];

    /// <summary>The version of the first event that is not removed; 1 where it has none.</summary>
    public int First { get; private set; } = 1;

    /// <summary>The markers of its clearings, oldest first.</summary>
    public List<RecordedEvent> Clearings { get; } = [];

    /// <summary>What is left of the last events that were cleared, oldest first.</summary>
    public List<RecordedEvent> Tombstones { get; } = [];

    /// <summary>The position of its last event, or of its last clearing, or 0.</summary>
    public LogPosition Position =>
        (Events.LastOrDefault() ?? Clearings.LastOrDefault())?.Position ?? LogPosition.StartOf(partition);

    /// <summary>The answer to an append that had landed before, or null where it had not.</summary>
    /// <param name="append">The append.</param>
    /// <param name="met">Whether what it expects is so now.</param>
    public AppendResult? FindEarlier(Append append, bool met)
    {
        bool IsOfAppend(RecordedEvent one) => one.AppendId == append.Id;

        // A clearing may have been followed by others, and by events that bring the stream to any version again.
        if (append.ClearsStream)
            return Clearings.TakeLast(GranaryLimits.AppendIdWindow).LastOrDefault(IsOfAppend) is { } marker
                ? Already(marker)
                : null;

        // A position is met once, a version in each generation.
        var exactly = append.Expected.Kind == ExpectedVersionKind.Exactly;
        if (exactly && met && append.Expected.Position != GlobalPosition.Zero) return null;
        var after = (int)Math.Min(append.Expected.Version.Value, int.MaxValue);
        var last = exactly
            ? Events.Skip(after).TakeWhile(IsOfAppend).LastOrDefault()
            : Events.TakeLast(GranaryLimits.AppendIdWindow).LastOrDefault(IsOfAppend);
        last ??= Tombstones.TakeLast(GranaryLimits.AppendIdWindow - Events.Count).LastOrDefault(IsOfAppend);
        return last is null ? null : Already(last);
    }

    /// <summary>Whether the stream was cleared since it had an event, or truncated after it.</summary>
    public bool HasRemoved(RecordedEvent recorded) =>
        recorded.Version > StreamVersion.Zero
        && (recorded.Position.Position < Clearings.LastOrDefault()?.Position.Position
            || (First > 1 && recorded.Position.Position < Events[First - 1].Position.Position));

    /// <summary>Makes tombstones of the events before a version.</summary>
    /// <returns>Those that were none.</returns>
    public List<RecordedEvent> Truncate(int before)
    {
        var gone = Events[(First - 1)..(before - 1)];
        for (var at = First - 1; at < before - 1; at++) Events[at] = Tombstone(Events[at]);
        First = before;
        return gone;
    }

    /// <summary>
    /// Begins anew without events. Tombstones are kept of those that an append is looked for in, and no more: it takes
    /// no longer for a long stream.
    /// </summary>
    /// <returns>The events that it had.</returns>
    public List<RecordedEvent> Clear()
    {
        var gone = Events;
        Events = [];
        First = 1;
        Tombstones.AddRange(gone.TakeLast(GranaryLimits.AppendIdWindow).Select(Tombstone));
        Tombstones.RemoveRange(0, Math.Max(0, Tombstones.Count - GranaryLimits.AppendIdWindow));
        return gone;
    }

    /// <summary>What is left of an event that was cleared.</summary>
    public static RecordedEvent Tombstone(RecordedEvent gone) => new()
    {
        Stream = gone.Stream,
        Version = gone.Version,
        Position = gone.Position,
        Id = gone.Id,
        AppendId = gone.AppendId,
        Type = EventTypes.Tombstone,
        SchemaVersion = 1,
        Timestamp = gone.Timestamp,
        ContentType = ContentTypes.Json,
        Payload = default,
        Metadata = EventMetadata.Empty,
    };

    private static AppendResult Already(RecordedEvent last) =>
        new(AppendOutcome.AlreadyAppended, last.Version, last.Position, last.Timestamp);
}
