namespace Granary;

/// <summary>An event cannot be stored so that it can be read back. Nothing was stored.</summary>
[GenerateSerializer, Alias("granary.EventNotEncodableException")]
public sealed class EventNotEncodableException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public EventNotEncodableException(string eventType, string reason, Exception? inner = null)
        : base($"Event {eventType} cannot be stored so that it can be read back: {reason}", inner) =>
        EventType = eventType;

    /// <summary>The name of the event type.</summary>
    [Id(0)] public string EventType { get; }
}
