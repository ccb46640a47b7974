using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Granary;

/// <summary>
/// Writes an event as one line of JSON, with everything that a store keeps of it, and reads it back byte for byte.
/// This is a format: files that are kept for years have it.
/// </summary>
/// <remarks>
/// A payload is written as it is, as the value of <c>data</c>, where it is JSON on one line without space around it;
/// any other as base64 in <c>dataBase64</c>. An empty payload has neither. The same goes for metadata, which is left
/// out where it is empty.
/// </remarks>
internal static partial class EventLine
{
    /// <summary>The greatest length of a line, in bytes, without its end.</summary>
    public const int LengthMax = 2 * 1024 * 1024;

    // What is nested more deeply is written as base64; the line itself is one level more.
    private const int DepthMax = 64;

    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes an event and the end of its line.</summary>
    public static void Write(RecordedEvent recorded, IBufferWriter<byte> into)
    {
        using (var writer = new Utf8JsonWriter(into, Readable))
        {
            writer.WriteStartObject();
            writer.WriteNumber("partition"u8, recorded.Position.Partition.Value);
            writer.WriteNumber("position"u8, recorded.Position.Position.Value);
            writer.WriteString("stream"u8, recorded.Stream.ToString());
            writer.WriteNumber("version"u8, recorded.Version.Value);
            writer.WriteString("id"u8, recorded.Id);
            writer.WriteString("appendId"u8, recorded.AppendId.Value);
            writer.WriteString("type"u8, recorded.Type);
            writer.WriteNumber("schemaVersion"u8, recorded.SchemaVersion);
            writer.WriteString("timestamp"u8, Text(recorded.Timestamp));
            writer.WriteString("contentType"u8, recorded.ContentType);
            if (!recorded.Payload.IsEmpty)
                WriteBytes(writer, "data", recorded.Payload.Span, asJson: IsJson(recorded.ContentType));
            if (!recorded.Metadata.Utf8.Span.SequenceEqual("{}"u8))
                WriteBytes(writer, "metadata", recorded.Metadata.Utf8.Span, asJson: true);
            writer.WriteEndObject();
        }

        into.GetSpan(1)[0] = (byte)'\n';
        into.Advance(1);
    }

    /// <summary>An instant as it is written in a line: UTC, in microseconds.</summary>
    public static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(InstantFormat, System.Globalization.CultureInfo.InvariantCulture);

    private static void WriteBytes(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> bytes, bool asJson)
    {
        if (asJson && CanBeEmbedded(bytes))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(bytes, skipInputValidation: true);
        }
        else
        {
            writer.WriteBase64String($"{name}Base64", bytes);
        }
    }

    private static bool IsJson(string contentType) => contentType.Contains("json", StringComparison.OrdinalIgnoreCase);

    // Only such a value is read back as the very bytes that it was, and leaves the line one line.
    private static bool CanBeEmbedded(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || IsSpace(bytes[0]) || IsSpace(bytes[^1])) return false;
        if (bytes.IndexOfAny("\r\n"u8) >= 0 || !Utf8.IsValid(bytes)) return false;
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t';
}
