namespace Granary.Runtime;

/// <summary>How an event type's payload is written; JSON without this attribute.</summary>
/// <param name="contentType">One of <see cref="ContentTypes"/>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EventContentAttribute(string contentType) : Attribute
{
    /// <summary>The media type.</summary>
    public string ContentType { get; } = contentType is ContentTypes.Json or ContentTypes.Orleans
        ? contentType
        : throw new ArgumentException($"Use {ContentTypes.Json} or {ContentTypes.Orleans}.", nameof(contentType));
}
