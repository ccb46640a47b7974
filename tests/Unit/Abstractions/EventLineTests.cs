using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Granary.Tests.Unit.Abstractions;

public sealed class EventLineTests
{
    private const string Id = "019a0000-0000-7000-8000-000000000001";
    private const string AppendIdText = "019a0000-0000-7000-8000-000000000002";

    private const string Plain =
        $$$"""
        {"partition":2,"position":7,"stream":"orders/4/2","version":3,"id":"{{{Id}}}","appendId":"{{{AppendIdText}}}",
        "type":"placed","schemaVersion":1,"timestamp":"2026-01-02T03:04:05.678901Z","contentType":"application/json",
        "data":{"total":100},"metadata":{"actor":"ada"}}
        """;

    private static readonly string PlainLine = Plain.ReplaceLineEndings("");

    [Fact]
    public void An_event_is_one_line_that_people_can_read()
    {
        var recorded = Event("{\"total\":100}", "{\"actor\":\"ada\"}");

        Assert.Equal(PlainLine + "\n", Write(recorded));
        AssertEqual(recorded, EventLine.Read(Encoding.UTF8.GetBytes(PlainLine)));
    }

    [Theory]
    [InlineData("""{"a": 1.50, "a":"\u00e4", "b" : [ 1e400 ] }""", true)]
    [InlineData("null", true)]
    [InlineData("\"\u0085\u2028\"", true)]
    [InlineData("\"\\ud800\"", true)]
    [InlineData("{\"a\":\n1}", false)]
    [InlineData("{\"a\":\r1}", false)]
    [InlineData(" {}", false)]
    [InlineData("{}\t", false)]
    [InlineData("{} {}", false)]
    [InlineData("{}//", false)]
    [InlineData("{\"a\":", false)]
    [InlineData("text", false)]
    [InlineData("\uFEFF{}", false)]
    public void A_payload_comes_back_byte_for_byte(string payload, bool readable)
    {
        var recorded = Event(payload, "{}");
        var line = Write(recorded);

        Assert.Equal(readable, line.Contains("\"data\":", StringComparison.Ordinal));
        Assert.Equal(!readable, line.Contains("\"dataBase64\":", StringComparison.Ordinal));
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        JsonDocument.Parse(line).Dispose();
        AssertEqual(recorded, EventLine.Read(Encoding.UTF8.GetBytes(line)));
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_and_JSON_that_is_nested_too_deeply_are_base64()
    {
        var nested = new string('[', 65) + new string(']', 65);
        foreach (var payload in (byte[][])[[0x22, 0xFF, 0x22], [0], Encoding.UTF8.GetBytes(nested)])
        {
            var recorded = Event(payload, "{}"u8.ToArray(), ContentTypes.Json);
            var line = Write(recorded);
            Assert.Contains("\"dataBase64\":", line, StringComparison.Ordinal);
            AssertEqual(recorded, EventLine.Read(Encoding.UTF8.GetBytes(line)));
        }
    }

    [Fact]
    public void Text_that_is_declared_as_no_JSON_is_not_shown_as_JSON()
    {
        var recorded = Event("7"u8.ToArray(), "{}"u8.ToArray(), "text/plain");

        Assert.Contains("\"dataBase64\":\"Nw==\"", Write(recorded), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_payload_and_empty_metadata_are_left_out()
    {
        var recorded = Event("", "{}");
        var line = Write(recorded);

        Assert.DoesNotContain("data", line, StringComparison.Ordinal);
        AssertEqual(recorded, EventLine.Read(Encoding.UTF8.GetBytes(line)));
    }

    [Fact]
    public void Any_bytes_come_back() => Gen.Select(
        Gen.Byte.Array[0, 40], Gen.Char["{}[]\",:\\ \t\n\r1aé\u0000\u2028"].Array[0, 20], Gen.Bool).Sample(
        (bytes, text, isText) =>
        {
            var payload = isText ? Encoding.UTF8.GetBytes(text) : bytes;
            var recorded = Event(payload, payload, ContentTypes.Json);
            var line = Write(recorded);
            Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
            AssertEqual(recorded, EventLine.Read(Encoding.UTF8.GetBytes(line)));
        });

    [Fact]
    public void The_largest_event_fits_a_line()
    {
        var name = new string('\u0001', StreamName.PartLengthMax);
        var recorded = Event(new byte[GranaryLimits.EventSizeMax], new byte[GranaryLimits.MetadataSizeMax], "text/x");
        var type = new string('\u0001', GranaryLimits.EventTypeLengthMax);
        var largest = Copy(recorded, new StreamName(name, name), type);

        Assert.InRange(Write(largest).Length, 1, EventLine.LengthMax);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "\"partition\"")]
    [InlineData("{\"type\":1,\"type\":2}", "twice")]
    [InlineData("{\"type\":1", "JSON")]
    [InlineData("{} {}", "JSON")]
    public void What_is_no_line_of_an_event_is_refused(string line, string reason)
    {
        var fault = Assert.Throws<FormatException>(() => EventLine.Read(Encoding.UTF8.GetBytes(line)));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"partition\":2", "\"partition\":-1", "non-negative")]
    [InlineData("\"partition\":2", "\"partition\":4294967296", "")]
    [InlineData("\"position\":7", "\"position\":7.5", "\"position\"")]
    [InlineData("\"position\":7", "\"position\":\"7\"", "\"position\"")]
    [InlineData("orders/4/2", "orders", "category/key")]
    [InlineData("orders/4/2", "\\ud800/1", "")]
    [InlineData(Id, "x", "\"id\" is not a UUID")]
    [InlineData(Id, "00000000-0000-0000-0000-000000000000", "\"id\" is not a UUID")]
    [InlineData("678901Z", "678901+01:00", "\"timestamp\"")]
    [InlineData("\"data\":", "\"dataBase64\":\"AA==\",\"data\":", "both")]
    [InlineData("\"data\":{\"total\":100}", "\"dataBase64\":\"?\"", "base64")]
    [InlineData("\"data\":", "\"compressed\":", "\"compressed\"")]
    [InlineData(",\"type\":\"placed\"", "", "\"type\"")]
    public void A_member_that_is_wrong_is_named(string part, string replacement, string reason)
    {
        var line = PlainLine.Replace(part, replacement, StringComparison.Ordinal);
        Assert.NotEqual(PlainLine, line);
        var fault = Assert.Throws<FormatException>(() => EventLine.Read(Encoding.UTF8.GetBytes(line)));
        Assert.Contains(reason, fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static string Write(RecordedEvent recorded)
    {
        var buffer = new ArrayBufferWriter<byte>();
        EventLine.Write(recorded, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static RecordedEvent Event(string payload, string metadata) =>
        Event(Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(metadata), ContentTypes.Json);

    private static RecordedEvent Event(byte[] payload, byte[] metadata, string contentType) => new()
    {
        Stream = StreamName.Parse("orders/4/2"),
        Version = new(3),
        Position = new(new(2), new(7)),
        Id = Guid.Parse(Id),
        AppendId = new(Guid.Parse(AppendIdText)),
        Type = "placed",
        SchemaVersion = 1,
        Timestamp = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, 901, TimeSpan.Zero),
        ContentType = contentType,
        Payload = payload,
        Metadata = EventMetadata.FromUtf8(metadata),
    };

    private static RecordedEvent Copy(RecordedEvent recorded, StreamName stream, string type) => new()
    {
        Stream = stream,
        Version = recorded.Version,
        Position = recorded.Position,
        Id = recorded.Id,
        AppendId = recorded.AppendId,
        Type = type,
        SchemaVersion = recorded.SchemaVersion,
        Timestamp = recorded.Timestamp,
        ContentType = recorded.ContentType,
        Payload = recorded.Payload,
        Metadata = recorded.Metadata,
    };

    private static void AssertEqual(RecordedEvent expected, RecordedEvent actual)
    {
        Assert.Equal(
            (expected.Stream, expected.Version, expected.Position, expected.Id, expected.AppendId, expected.Type),
            (actual.Stream, actual.Version, actual.Position, actual.Id, actual.AppendId, actual.Type));
        Assert.Equal(
            (expected.SchemaVersion, expected.Timestamp, expected.ContentType),
            (actual.SchemaVersion, actual.Timestamp, actual.ContentType));
        Assert.Equal(expected.Payload.ToArray(), actual.Payload.ToArray());
        Assert.Equal(expected.Metadata.Utf8.ToArray(), actual.Metadata.Utf8.ToArray());
    }
}
