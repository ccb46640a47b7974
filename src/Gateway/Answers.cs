using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Writes answers: camelCase, times in RFC 3339 UTC, events' own JSON as it was sent.</summary>
internal static class Answers
{
    // Escapes what JSON must: keys in any script stay readable, and nothing here is put into a page.
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new ExactDecimalConverter() },
    };

    public static string Time(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A page of events, and behind which place the next one begins; no <c>next</c> on the last.</summary>
    public static IResult Page(EventPage page, Func<RecordedEvent, long> place) => Written(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("events");
        foreach (var recorded in page.Events) WriteEvent(writer, recorded);
        writer.WriteEndArray();
        if (page.More) writer.WriteNumber("next", place(page.Events[^1]));
        writer.WriteEndObject();
    });

    public static IResult State(StateView view) => Written(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("stream", view.Stream.ToString());
        writer.WriteNumber("version", view.Version.Value);
        if (view.Timestamp is { } timestamp) writer.WriteString("timestamp", Time(timestamp));
        writer.WritePropertyName("state");
        writer.WriteRawValue(view.Json);
        writer.WriteEndObject();
    });

    private static void WriteEvent(Utf8JsonWriter writer, RecordedEvent recorded)
    {
        writer.WriteStartObject();
        writer.WriteString("stream", recorded.Stream.ToString());
        writer.WriteNumber("version", recorded.Version.Value);
        writer.WriteNumber("partition", recorded.Position.Partition.Value);
        writer.WriteNumber("position", recorded.Position.Position.Value);
        writer.WriteString("id", recorded.Id);
        writer.WriteString("type", recorded.Type);
        writer.WriteString("timestamp", Time(recorded.Timestamp));
        writer.WritePropertyName("data");
        if (recorded.Payload.IsEmpty) writer.WriteNullValue();
        else if (recorded.ContentType == ContentTypes.Json) writer.WriteRawValue(recorded.Payload.Span);
        else writer.WriteBase64StringValue(recorded.Payload.Span);
        writer.WriteStartObject("metadata");
        foreach (var (name, value) in recorded.Metadata.Pairs)
        {
            // What Granary keeps for itself beside the caller's pairs is nobody's business.
            if (name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal)) continue;
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static IResult Written(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        try
        {
            using var writer = new Utf8JsonWriter(buffer, new() { Encoder = Json.Encoder });
            write(writer);
        }
        catch (JsonException fault)
        {
            throw new StoreCorruptException("What is stored as JSON is none. Restore the store from a backup.", fault);
        }

        return Results.Bytes(
            buffer.GetBuffer().AsMemory(0, (int)buffer.Length), "application/json; charset=utf-8");
    }
}
