using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Granary.Contracts;
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

    private static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Json.Encoder };

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

    /// <summary>What became of an append, as <see cref="AppendDescription"/> describes it.</summary>
    public static IResult Append(StreamName stream, StreamAppendAnswer answer) => Written(
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("stream", stream.ToString());
            writer.WriteString("outcome", answer.Outcome.ToString());
            writer.WriteNumber("firstVersion", answer.FirstVersion.Value);
            writer.WriteNumber("version", answer.Version.Value);
            writer.WriteNumber("partition", answer.Position.Partition.Value);
            writer.WriteNumber("position", answer.Position.Position.Value);
            writer.WriteEndObject();
        },
        answer.Outcome == AppendOutcome.Appended ? StatusCodes.Status201Created : StatusCodes.Status200OK);

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

    // Whole before it is sent: it goes out with its length, in one piece, where chunks would take a second one to end.
    private static IResult Written(Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            using var writer = new Utf8JsonWriter(buffer, WriterOptions);
            write(writer);
        }
        catch (JsonException fault)
        {
            throw new StoreCorruptException("What is stored as JSON is none. Restore the store from a backup.", fault);
        }

        return new WrittenResult(buffer.WrittenMemory, status);
    }
}
