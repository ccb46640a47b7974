using System.Buffers;
using System.Text.Json;

namespace Granary.Grains;

/// <summary>A value: an object's members, or the bytes of any other value. The default is null in JSON.</summary>
internal readonly struct JsonPart
{
    // A part keeps the bytes that it is a part of. Of more than these it takes a copy, so that a small member does not
    // keep the memory of a large event.
    private const int KeptMax = 256;

    private readonly object? _content;
    private readonly int _start;
    private readonly int _length;

    public JsonPart(JsonMembers members) => _content = members;

    private JsonPart(byte[] json, int start, int length)
    {
        if (json.Length > KeptMax) (json, start) = (json.AsSpan(start, length).ToArray(), 0);
        (_content, _start, _length) = (json, start, length);
    }

    /// <summary>The members, where it is an object; null where it is not.</summary>
    public JsonMembers? Members => _content as JsonMembers;

    /// <summary>Reads a value that is no object: from its first token, where the reader is, to its last.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static JsonPart Read(ref Utf8JsonReader reader, byte[] json)
    {
        var start = (int)reader.TokenStartIndex;
        var isNull = reader.TokenType == JsonTokenType.Null;
        reader.Skip();
        return isNull ? default : new JsonPart(json, start, (int)reader.BytesConsumed - start);
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        if (_content is JsonMembers members) members.WriteTo(writer);
        else if (_content is byte[] json) WriteTokens(writer, json.AsSpan(_start, _length));
        else writer.WriteNullValue();
    }

    // Token by token: the writer escapes what must be, and leaves out white space.
    private static void WriteTokens(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: writer.WriteStartObject(); break;
                case JsonTokenType.EndObject: writer.WriteEndObject(); break;
                case JsonTokenType.StartArray: writer.WriteStartArray(); break;
                case JsonTokenType.EndArray: writer.WriteEndArray(); break;
                case JsonTokenType.PropertyName or JsonTokenType.String: WriteText(writer, ref reader); break;
                default: writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true); break;
            }
        }
    }

    private static void WriteText(Utf8JsonWriter writer, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            WriteText(writer, reader.TokenType, reader.ValueSpan);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            WriteText(writer, reader.TokenType, buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void WriteText(Utf8JsonWriter writer, JsonTokenType type, ReadOnlySpan<byte> text)
    {
        if (type == JsonTokenType.PropertyName) writer.WritePropertyName(text);
        else writer.WriteStringValue(text);
    }
}
