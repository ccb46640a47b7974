namespace Granary;

/// <summary>The names in an event's metadata that Granary gives a meaning.</summary>
public static class MetadataNames
{
    /// <summary>What all events of one undertaking share.</summary>
    public const string CorrelationId = "correlationId";

    /// <summary>The event or command that caused the event.</summary>
    public const string CausationId = "causationId";

    /// <summary>Who did it.</summary>
    public const string Actor = "actor";

    /// <summary>The W3C trace context under which it was raised.</summary>
    public const string TraceParent = "traceParent";

    /// <summary>What the names begin with that only Granary itself writes.</summary>
    public const string ReservedPrefix = "granary.";
}
