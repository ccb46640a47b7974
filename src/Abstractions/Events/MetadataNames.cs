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

    /// <summary>The grain storage that an adopted event is from; only Granary itself writes it.</summary>
    public const string AdoptedFrom = ReservedPrefix + "adoptedFrom";

    /// <summary>
    /// The place of an adopted event in its old log and the length of that, as in <c>3/250</c>; only Granary itself
    /// writes it.
    /// </summary>
    public const string Adopted = ReservedPrefix + "adopted";

    /// <summary>What the names begin with that only Granary itself writes.</summary>
    public const string ReservedPrefix = "granary.";
}
