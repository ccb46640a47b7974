using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>
/// Turns an old shape of an event into today's when it is read; what is stored never changes. Several may follow one
/// another: what one returns goes to the next, until no upcaster handles it. This one works on JSON;
/// <see cref="Upcaster{TOld,TNew}"/> works on classes.
/// </summary>
public interface IUpcaster
{
    /// <summary>The stored name of the event type that this upcaster takes.</summary>
    string EventType { get; }

    /// <summary>The schema version that it takes.</summary>
    int SchemaVersion { get; }

    /// <summary>
    /// The events that replace the old one: one, renamed or reshaped; several, where it was split; none, where it is
    /// dropped. It must return the same every time.
    /// </summary>
    IEnumerable<UpcastEvent> Upcast(UpcastEvent old);
}

/// <summary>An event between an old shape and today's.</summary>
/// <param name="Type">The stored name of its type.</param>
/// <param name="SchemaVersion">The version of its shape.</param>
/// <param name="Payload">Its content as JSON; an upcaster may change it in place.</param>
public sealed record UpcastEvent(string Type, int SchemaVersion, JsonObject Payload);
