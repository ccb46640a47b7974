using System.Reflection;

namespace Granary.Runtime;

/// <summary>What is known of an event type once and for all: its name, its version, how it is written.</summary>
internal sealed class EventShape
{
    private readonly PayloadSerializer _first;
    private readonly PayloadSerializer? _fallback;
    private readonly JsonPayloadSerializer? _json;
    private readonly PayloadSerializer _orleans;
    private readonly string? _refusal;

    /// <summary>Analyses an event type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="json">The default format.</param>
    /// <param name="orleans">What is used where JSON does not keep an event, or where the type chooses it.</param>
    /// <param name="refusal">Why no event of the type is written; null where they are.</param>
    public EventShape(Type type, JsonFormat json, OrleansFormat orleans, string? refusal)
    {
        var chosen = type.GetCustomAttribute<EventContentAttribute>(inherit: false)?.ContentType;
        var inJson = json.SerializerOf(type);
        Type = type;
        Name = EventTypeNames.Of(type);
        SchemaVersion = EventTypeNames.SchemaVersionOf(type);
        IsShareable = EventImmutability.IsShareable(type);
        _json = inJson as JsonPayloadSerializer;
        _orleans = orleans.SerializerOf(type);
        _first = chosen == ContentTypes.Orleans ? _orleans : inJson;
        _fallback = chosen is null && _orleans.Unsupported is null ? _orleans : null;
        _refusal = refusal;
    }

    public Type Type { get; }

    /// <summary>The name that its events are stored under.</summary>
    public string Name { get; }

    public int SchemaVersion { get; }

    /// <summary>Whether an event of the type cannot be changed.</summary>
    public bool IsShareable { get; }

    /// <summary>Writes an event so that it is read back as an equal one.</summary>
    /// <exception cref="EventNotEncodableException">It would not be.</exception>
    /// <exception cref="LimitExceededException">The payload is too large.</exception>
    public WrittenEvent Write(object @event, PayloadBuffer buffer, out string contentType)
    {
        if (_refusal is not null) throw new EventNotEncodableException(Name, _refusal);
        contentType = _first.ContentType;
        if (PayloadWriting.TryWrite(_first, @event, buffer, out var written) is not { } failure) return written;
        if (_fallback is null) throw new EventNotEncodableException(Name, failure.Reason + Advice, failure.Fault);
        contentType = _fallback.ContentType;
        if (PayloadWriting.TryWrite(_fallback, @event, buffer, out written) is not { } second) return written;
        throw new EventNotEncodableException(
            Name, $"{failure.Reason} Orleans' codec does not keep it either: {second.Reason}", second.Fault);
    }

    /// <summary>Reads a payload as an event of this type.</summary>
    /// <exception cref="Exception">It is none; what is thrown is the format's.</exception>
    public object Read(string contentType, ReadOnlyMemory<byte> payload) => Checked(contentType switch
    {
        ContentTypes.Json => Json.Read(payload),
        ContentTypes.Orleans => _orleans.Read(payload),
        _ => throw new NotSupportedException($"Content type {contentType} is not known."),
    });

    /// <summary>Takes what upcasters made of an event as an event of this type.</summary>
    public object Read(UpcastResult result) => Checked(result.Value ?? Json.Read(result.Json!));

    private JsonPayloadSerializer Json => _json ?? throw new NotSupportedException($"JSON cannot make a {Type}.");

    private string Advice => _first.ContentType == ContentTypes.Orleans
        ? ""
        : _orleans.Unsupported is null
            ? $" Mark {Type} with [EventContent(ContentTypes.Orleans)]: Orleans' codec may keep it."
            : $" Change the member; or mark {Type} with [GenerateSerializer] and its members with [Id], so that "
                + "Orleans' codec is used where JSON does not keep an event, or for all of the type with "
                + "[EventContent(ContentTypes.Orleans)]; or mark what is no content of the event with [JsonIgnore] or "
                + "[NonSerialized].";

    private object Checked(object? read) => Type.IsInstanceOfType(read)
        ? read!
        : throw new System.Text.Json.JsonException(
            $"The payload is {read?.GetType().ToString() ?? "null"} instead of {Type}.");
}
