using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Granary;

internal static partial class EventLine
{
    private static readonly string[] Required =
    [
        "partition", "position", "stream", "version", "id", "appendId", "type", "schemaVersion", "timestamp",
        "contentType",
    ];

    /// <summary>Reads a line, without or with its end.</summary>
    /// <param name="line">The line; the event's payload and metadata use its memory, so it must not change.</param>
    /// <exception cref="FormatException">It is not a line of an event; the message says why.</exception>
    public static RecordedEvent Read(ReadOnlyMemory<byte> line)
    {
        if (line.Length > LengthMax) throw new FormatException($"It is longer than {LengthMax} bytes.");
        if (!Utf8.IsValid(line.Span)) throw new FormatException("It is not UTF-8.");
        try
        {
            return Build(Members(line));
        }
        catch (JsonException fault)
        {
            throw new FormatException($"It is not JSON: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new FormatException(fault.Message, fault);
        }
    }

    // The bytes of each member's value, as they are in the line.
    private static Dictionary<string, ReadOnlyMemory<byte>> Members(ReadOnlyMemory<byte> line)
    {
        var members = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(line.Span, new JsonReaderOptions { MaxDepth = DepthMax + 1 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("It is not a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!members.TryAdd(name, line[start..(int)reader.BytesConsumed]))
                throw new FormatException($"It has \"{name}\" twice.");
        }

        reader.Read();
        return members;
    }

    private static RecordedEvent Build(Dictionary<string, ReadOnlyMemory<byte>> members)
    {
        foreach (var name in Required)
        {
            if (!members.ContainsKey(name)) throw new FormatException($"It has no \"{name}\".");
        }

        var payload = TakeBytes(members, "data");
        var metadata = TakeBytes(members, "metadata");
        var recorded = new RecordedEvent
        {
            Stream = StreamName.Parse(TakeText(members, "stream")),
            Version = new(TakeNumber(members, "version")),
            Position = new(
                new(checked((int)TakeNumber(members, "partition"))), new(TakeNumber(members, "position"))),
            Id = TakeId(members, "id"),
            AppendId = new(TakeId(members, "appendId")),
            Type = TakeText(members, "type"),
            SchemaVersion = checked((int)TakeNumber(members, "schemaVersion")),
            Timestamp = TakeInstant(members, "timestamp"),
            ContentType = TakeText(members, "contentType"),
            Payload = payload,
            Metadata = metadata.IsEmpty ? EventMetadata.Empty : EventMetadata.FromUtf8(metadata),
        };

        // What this version does not know may matter: nothing is dropped in silence.
        return members.Count == 0 ? recorded : throw new FormatException(
            $"It has \"{members.Keys.First()}\", which this version of Granary does not know. Use a later one.");
    }

    private static string TakeText(Dictionary<string, ReadOnlyMemory<byte>> members, string name)
    {
        var reader = ReaderOf(members, name, JsonTokenType.String, "text");
        return reader.GetString()!;
    }

    private static long TakeNumber(Dictionary<string, ReadOnlyMemory<byte>> members, string name)
    {
        var reader = ReaderOf(members, name, JsonTokenType.Number, "a number");
        return reader.TryGetInt64(out var value) ? value : throw Wrong(name, "a whole number");
    }

    private static Guid TakeId(Dictionary<string, ReadOnlyMemory<byte>> members, string name)
    {
        var reader = ReaderOf(members, name, JsonTokenType.String, "a UUID");
        return reader.TryGetGuid(out var id) && id != Guid.Empty ? id : throw Wrong(name, "a UUID");
    }

    private static DateTimeOffset TakeInstant(Dictionary<string, ReadOnlyMemory<byte>> members, string name) =>
        DateTimeOffset.TryParseExact(
            TakeText(members, name), InstantFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : throw Wrong(name, $"an instant, written {InstantFormat.Replace("'", "", StringComparison.Ordinal)}");

    private static ReadOnlyMemory<byte> TakeBytes(Dictionary<string, ReadOnlyMemory<byte>> members, string name)
    {
        var coded = $"{name}Base64";
        if (!members.ContainsKey(coded))
            return members.Remove(name, out var raw) ? raw : ReadOnlyMemory<byte>.Empty;
        if (members.ContainsKey(name)) throw new FormatException($"It has both \"{name}\" and \"{coded}\".");
        var reader = ReaderOf(members, coded, JsonTokenType.String, "base64");
        return reader.TryGetBytesFromBase64(out var bytes) ? bytes : throw Wrong(coded, "base64");
    }

    private static Utf8JsonReader ReaderOf(
        Dictionary<string, ReadOnlyMemory<byte>> members, string name, JsonTokenType type, string expected)
    {
        members.Remove(name, out var value);
        var reader = new Utf8JsonReader(value.Span);
        return reader.Read() && reader.TokenType == type ? reader : throw Wrong(name, expected);
    }

    private static FormatException Wrong(string name, string expected) =>
        new($"Its \"{name}\" is not {expected}.");
}
