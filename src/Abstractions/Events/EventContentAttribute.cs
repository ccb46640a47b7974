namespace Granary;

/// <summary>
/// Chooses how an event type's payload is written. Without this attribute an event is written as JSON, and by Orleans'
/// codec where JSON does not keep it and the type is marked <c>[GenerateSerializer]</c>.
/// </summary>
/// <param name="contentType">One of <see cref="ContentTypes"/>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventContentAttribute(string contentType) : Attribute
{
    /// <summary>The media type.</summary>
    public string ContentType { get; } = contentType is ContentTypes.Json or ContentTypes.Orleans
        ? contentType
        : throw new ArgumentException($"Use {ContentTypes.Json} or {ContentTypes.Orleans}.", nameof(contentType));
}
