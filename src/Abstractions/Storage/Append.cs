namespace Granary;

/// <summary>
/// One atomic write to one stream: it lands whole or not at all. Either it adds events, or it clears the stream.
/// </summary>
public sealed class Append
{
    /// <summary>Describes an append of events.</summary>
    /// <param name="stream">The stream to append to.</param>
    /// <param name="expected">What the stream's version must be.</param>
    /// <param name="id">The write's own id, the same at every retry.</param>
    /// <param name="events">The events, at least one, in order.</param>
    /// <exception cref="ArgumentException">There is no event, or the stream or the id is unset.</exception>
    /// <exception cref="LimitExceededException">An event, its metadata or the whole is too large.</exception>
    public Append(StreamName stream, ExpectedVersion expected, AppendId id, IReadOnlyList<NewEvent> events)
        : this(stream, expected, id, events, clearsStream: false)
    {
        if (events.Count == 0) throw new ArgumentException("An append holds at least one event.", nameof(events));
    }

    private Append(
        StreamName stream, ExpectedVersion expected, AppendId id, IReadOnlyList<NewEvent> events, bool clearsStream)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (stream.IsUnset) throw new ArgumentException("The append names no stream.", nameof(stream));
        if (id.Value == Guid.Empty) throw new ArgumentException("The append has no id.", nameof(id));

        Stream = stream;
        Expected = expected;
        Id = id;
        Events = events;
        ClearsStream = clearsStream;
        for (var at = 0; at < events.Count; at++) Size += events[at].Size;
        const string fewer = "Raise fewer events at once.";
        LimitExceededException.ThrowIfOver(GranaryLimits.BatchSizeMax, Size, "append", fewer);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.AppendEventsMax, events.Count, "number of events in the append", fewer);
    }

    /// <summary>The stream to write to.</summary>
    public StreamName Stream { get; }

    /// <summary>What the stream's version must be.</summary>
    public ExpectedVersion Expected { get; }

    /// <summary>The write's own id, the same at every retry.</summary>
    public AppendId Id { get; }

    /// <summary>The events in order; empty where the append clears the stream.</summary>
    public IReadOnlyList<NewEvent> Events { get; }

    /// <summary>
    /// Whether the append clears the stream: its events become tombstones, a marker in the log records the clearing,
    /// and the stream starts again at version 0.
    /// </summary>
    public bool ClearsStream { get; }

    /// <summary>
    /// When the append was recorded first, where it is copied from another store; null for the time of its batch, which
    /// also counts where it is earlier. Kept to the microsecond.
    /// </summary>
    public DateTimeOffset? RecordedAt
    {
        get;
        init => field = value is { } instant ? WholeMicroseconds(instant) : null;
    }

    /// <summary>The size of payloads and metadata, in bytes.</summary>
    public long Size { get; }

    /// <summary>The instant in UTC, without what is less than a microsecond.</summary>
    internal static DateTimeOffset WholeMicroseconds(DateTimeOffset instant) =>
        new(instant.UtcTicks - instant.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>Describes the clearing of a stream. A stream that holds no event is left as it is.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">What the stream's version must be.</param>
    /// <param name="id">The write's own id, the same at every retry.</param>
    /// <param name="recordedAt">See <see cref="RecordedAt"/>.</param>
    public static Append Clear(
        StreamName stream, ExpectedVersion expected, AppendId id, DateTimeOffset? recordedAt = null) =>
        new(stream, expected, id, [], clearsStream: true) { RecordedAt = recordedAt };
}
