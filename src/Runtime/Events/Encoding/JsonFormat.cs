using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>JSON in UTF-8, by System.Text.Json and the application's options.</summary>
internal sealed class JsonFormat : IPayloadFormat
{
    private readonly ConcurrentDictionary<Type, PayloadSerializer> _known = new();
    private readonly JsonSerializerOptions _options;

    public JsonFormat(JsonSerializerOptions options)
    {
        _options = options;
        _options.MakeReadOnly(populateMissingResolver: true);
    }

    public string ContentType => ContentTypes.Json;

    public PayloadSerializer SerializerOf(Type type) => _known.GetOrAdd(type, static (type, options) =>
    {
        try
        {
            return new JsonPayloadSerializer(options.GetTypeInfo(type));
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            return new UnsupportedSerializer(ContentTypes.Json, $"JSON cannot write {type}: {fault.Message}");
        }
    }, _options);

    /// <summary>Writes what an upcaster made for the next one, which takes JSON.</summary>
    /// <exception cref="EventNotEncodableException">JSON does not keep it.</exception>
    public ReadOnlyMemory<byte> WriteVerified(object value)
    {
        var failure = PayloadWriting.TryWrite(
            SerializerOf(value.GetType()), value, new PayloadBuffer(), out var written);
        return failure is null
            ? written.Payload
            : throw new EventNotEncodableException(value.GetType().ToString(), failure.Reason, failure.Fault);
    }

    /// <summary>Parses a payload that an upcaster changes.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public JsonObject Parse(ReadOnlyMemory<byte> payload) =>
        JsonNode.Parse(payload.Span, documentOptions: new() { MaxDepth = _options.MaxDepth }) as JsonObject
            ?? throw new JsonException("The payload is not a JSON object.");
}

/// <summary>Writes and reads one type as JSON.</summary>
internal sealed class JsonPayloadSerializer(JsonTypeInfo info) : PayloadSerializer(ContentTypes.Json)
{
    private readonly CompiledJson? _compiled = CompiledJson.Of(info);
    private readonly JsonRoundTrip _roundTrip = JsonRoundTrip.Of(info);

    /// <summary>Why the type alone does not prove that its events are kept; null where it does.</summary>
    public string? Doubt => _roundTrip.Doubt;

    public override ReadOnlyMemory<byte> Write(object @event, PayloadBuffer buffer) =>
        JsonScratch.Write(@event, info, buffer);

    public override object? Read(ReadOnlyMemory<byte> payload) =>
        _compiled?.TryRead(payload.Span) ?? JsonSerializer.Deserialize(payload.Span, info);

    /// <summary>Reads what an upcaster made.</summary>
    public object? Read(JsonObject json) => json.Deserialize(info);

    public override bool IsProved(object @event, ReadOnlySpan<byte> payload) =>
        _roundTrip.IsKept(@event) && !HoldsReplacement(payload);

    public override string? FindUnwritable(object @event) =>
        UnwritableMembers.FindNumber(@event) ?? UnwritableMembers.Find(info, @event, info.Type.Name);

    // Half a surrogate pair is written as this character, escaped or not. Where the text itself holds it, reading back
    // shows so. Most payloads hold no byte that either begins with.
    private static bool HoldsReplacement(ReadOnlySpan<byte> payload) =>
        payload.IndexOfAny((byte)'\\', "\uFFFD"u8[0]) >= 0
        && (payload.IndexOf("\\uFFFD"u8) >= 0 || payload.IndexOf("\uFFFD"u8) >= 0);
}
