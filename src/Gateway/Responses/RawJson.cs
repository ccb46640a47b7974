using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Gateway;

/// <summary>A value of JSON that is written as it was stored; bytes of another content type as base64.</summary>
internal readonly record struct RawJson
{
    private RawJson(ReadOnlyMemory<byte> bytes, bool isBase64) => (Bytes, IsBase64) = (bytes, isBase64);

    public ReadOnlyMemory<byte> Bytes { get; }

    public bool IsBase64 { get; }

    /// <summary>The payload of an event.</summary>
    /// <exception cref="StoreCorruptException">It is stored as JSON and is not JSON.</exception>
    public static RawJson Of(RecordedEvent recorded)
    {
        if (recorded.Payload.IsEmpty) return default;
        if (recorded.ContentType != ContentTypes.Json) return new(recorded.Payload, isBase64: true);
        return TryParse(recorded.Payload) ?? throw new StoreCorruptException(
            $"The event of stream {recorded.Stream} at version {recorded.Version}, position {recorded.Position}, is "
            + "stored as JSON and is not JSON. Restore the store from a backup.");
    }

    /// <summary>The value, or null where it is not JSON. Checked here, so that writing it cannot fail.</summary>
    public static RawJson? TryParse(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        try
        {
            while (reader.Read()) reader.TrySkip();
        }
        catch (JsonException)
        {
            return null;
        }

        return new RawJson(json, isBase64: false);
    }
}

/// <summary>Writes <see cref="RawJson"/>; it is never read.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Responses are only written.");

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
    {
        if (value.Bytes.IsEmpty) writer.WriteNullValue();
        else if (value.IsBase64) writer.WriteBase64StringValue(value.Bytes.Span);
        else writer.WriteRawValue(value.Bytes.Span, skipInputValidation: true);
    }
}
