namespace Granary;

/// <summary>Which events of a log are read: those that every property takes. One that is null takes all.</summary>
public sealed record LogFilter
{
    /// <summary>Takes every event.</summary>
    public static LogFilter All { get; } = new();

    /// <summary>The categories of streams; null for all.</summary>
    public IReadOnlySet<string>? Categories { get; init; }

    /// <summary>The streams; null for all. At most <see cref="GranaryLimits.FilterStreamsMax"/>.</summary>
    public IReadOnlySet<StreamName>? Streams { get; init; }

    /// <summary>
    /// The names of event types; null for all. A tombstone has the type <see cref="Granary.EventTypes.Tombstone"/>,
    /// not that of its event.
    /// </summary>
    public IReadOnlySet<string>? EventTypes { get; init; }

    /// <summary>For stores: checks the limits.</summary>
    /// <exception cref="LimitExceededException">
    /// It names more streams than <see cref="GranaryLimits.FilterStreamsMax"/>.
    /// </exception>
    public void Check() => LimitExceededException.ThrowIfOver(
        GranaryLimits.FilterStreamsMax, Streams?.Count ?? 0, "number of streams of a filter",
        "Name fewer, or read all and choose.");

    /// <summary>Whether an event is taken.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="eventType">The name of its type.</param>
    public bool Takes(StreamName stream, string eventType) =>
        Categories?.Contains(stream.Category) != false
        && Streams?.Contains(stream) != false
        && EventTypes?.Contains(eventType) != false;
}
