namespace Granary.Runtime;

/// <summary>
/// Turns an old shape of an event, kept as a class, into a newer one. It also reads what Orleans' codec wrote, and its
/// result is not turned into JSON and back.
/// </summary>
/// <remarks>
/// The old class is not one of the grain's events any more: it must not derive from their base type. Where the new
/// class is an old shape too, give it the stored name and version of that shape by <c>[Alias]</c> and
/// <c>[SchemaVersion]</c>: the next upcaster takes it by these.
/// </remarks>
/// <typeparam name="TOld">The old shape; JSON, or Orleans' codec, reads it from the stored payload.</typeparam>
/// <typeparam name="TNew">The new shape.</typeparam>
/// <param name="eventType">The stored name of the event type that this upcaster takes.</param>
/// <param name="schemaVersion">The schema version that it takes, from 1.</param>
public abstract class Upcaster<TOld, TNew>(string eventType, int schemaVersion) : ITypedUpcaster
    where TOld : notnull
    where TNew : notnull
{
    /// <inheritdoc />
    public string EventType => eventType;

    /// <inheritdoc />
    public int SchemaVersion => schemaVersion;

    Type ITypedUpcaster.Old => typeof(TOld);

    /// <summary>The event that replaces the old one. It must return the same every time.</summary>
    protected abstract TNew Upcast(TOld old);

    UpcastResult ITypedUpcaster.Upcast(object old) => new(
        EventTypeNames.Of(typeof(TNew)), EventTypeNames.SchemaVersionOf(typeof(TNew)), null, Upcast((TOld)old));

    IEnumerable<UpcastEvent> IUpcaster.Upcast(UpcastEvent old) =>
        throw new NotSupportedException($"{GetType()} takes a {typeof(TOld)}.");
}

/// <summary>An upcaster that works on objects.</summary>
internal interface ITypedUpcaster : IUpcaster
{
    /// <summary>The class that it takes.</summary>
    Type Old { get; }

    /// <summary>The event that replaces an old one.</summary>
    UpcastResult Upcast(object old);
}

/// <summary>An event between an old shape and today's: as JSON, or as an object.</summary>
internal sealed record UpcastResult(
    string Type, int SchemaVersion, System.Text.Json.Nodes.JsonObject? Json, object? Value);
