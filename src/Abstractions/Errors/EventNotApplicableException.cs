namespace Granary;

/// <summary>An event was refused when it was raised, because the state cannot apply it. Nothing was stored.</summary>
[GenerateSerializer, Alias("granary.EventNotApplicableException")]
public sealed class EventNotApplicableException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public EventNotApplicableException(StreamName stream, string eventType, Exception inner)
        : base($"Event {eventType} was not raised into stream {stream}: "
            + $"applying it to the state failed ({inner.Message}). "
            + "Nothing was stored.", inner)
    {
        Stream = stream;
        EventType = eventType;
    }

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The name of the event type.</summary>
    [Id(1)] public string EventType { get; }
}
