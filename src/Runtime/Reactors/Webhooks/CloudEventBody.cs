using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Granary.Runtime;

/// <summary>Writes an event as a CloudEvent 1.0 in JSON (structured mode).</summary>
internal static class CloudEventBody
{
    public const string ContentType = "application/cloudevents+json";

    /// <summary>The body. The same event has the same body.</summary>
    public static byte[] Write(RecordedEvent @event, string source, Guid effectId)
    {
        var buffer = new ArrayBufferWriter<byte>(@event.Payload.Length + 1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", @event.Id);
            json.WriteString("source", source);
            json.WriteString("type", @event.Type);
            json.WriteString("subject", @event.Stream.ToString());
            json.WriteString("time", @event.Timestamp.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("datacontenttype", @event.ContentType);
            json.WriteNumber("schemaversion", @event.SchemaVersion);
            // CloudEvents has no number of 64 bits.
            json.WriteString("streamversion", Text(@event.Version.Value));
            json.WriteNumber("logpartition", @event.Position.Partition.Value);
            json.WriteString("logposition", Text(@event.Position.Position.Value));
            json.WriteString("effectid", effectId);
            WriteIfAny(json, "correlationid", @event.Metadata.CorrelationId);
            WriteIfAny(json, "causationid", @event.Metadata.CausationId);
            if (IsJson(@event.ContentType))
            {
                json.WritePropertyName("data");
                json.WriteRawValue(@event.Payload.Span);
            }
            else
            {
                json.WriteBase64String("data_base64", @event.Payload.Span);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) json.WriteString(name, value);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsJson(string contentType)
    {
        var type = contentType.Split(';')[0].Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
