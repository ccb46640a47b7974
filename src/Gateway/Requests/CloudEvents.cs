using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Granary.Gateway;

/// <summary>
/// Reads CloudEvents 1.0. Type and data become the event's own; the other attributes are kept as metadata under
/// <c>ce-</c> and their name, so that the CloudEvent can be read back.
/// </summary>
internal static class CloudEvents
{
    public const string Structured = "application/cloudevents+json";

    public const string Batch = "application/cloudevents-batch+json";

    /// <summary>What the names of metadata that are attributes begin with.</summary>
    public const string Prefix = "ce-";

    /// <summary>
    /// The metadata that marks data as bytes, kept as a JSON string of their base64. No attribute can have this name.
    /// </summary>
    public const string Base64Mark = Prefix + "data_base64";

    public const string ContentType = "datacontenttype";

    private static readonly string[] Required = ["specversion", "id", "source", "type"];

    private static readonly string[] RequiredHeaders = [.. Required.Select(static name => Prefix + name)];

    /// <summary>Whether a request of another content type is a CloudEvent whose attributes are headers.</summary>
    public static bool IsBinary(HttpRequest request)
    {
        foreach (var name in RequiredHeaders)
        {
            if (request.Headers.ContainsKey(name)) return true;
        }

        return false;
    }

    /// <summary>
    /// Events with a key of their sources and ids. The specification holds events with the same source and id for the
    /// same event, so a request that repeats them all repeats an append. One that repeats some is found by the stream.
    /// </summary>
    public static EventBody Keyed(StreamEvent[] events)
    {
        if (events.Length == 0) return new(events, null);
        var text = new StringBuilder();
        foreach (var one in events)
        {
            var (source, id) = (one.Metadata![Prefix + "source"], one.Metadata[Prefix + "id"]);
            text.Append(source.Length).Append(':').Append(source).Append(id.Length).Append(':').Append(id);
        }

        return new(events, Prefix + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }

    public static StreamEvent Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Invalid("A CloudEvent is a JSON object.");
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        byte[]? data = null;
        var (carriers, bytes) = (0, false);
        foreach (var member in element.EnumerateObject())
        {
            switch (member.Name)
            {
                case "data":
                    data = EventBody.Raw(member.Value);
                    carriers++;
                    break;
                case "data_base64":
                    data = Base64(member.Value);
                    (carriers, bytes) = (carriers + 1, true);
                    break;
                default:
                    if (member.Value.ValueKind != JsonValueKind.Null) attributes.Add(member.Name, Text(member));
                    break;
            }
        }

        if (carriers > 1) throw Invalid("A CloudEvent has data or data_base64, not both.");
        return Make(attributes, data, bytes);
    }

    public static StreamEvent ReadBinary(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in request.Headers)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            if (values is not [{ } value]) throw Invalid($"The header {name} is sent once.");
            attributes.Add(name[Prefix.Length..].ToLowerInvariant(), CloudEventHeader.Decode(name, value));
        }

        if (request.ContentType is { Length: > 0 } contentType) attributes[ContentType] = contentType;
        if (body.IsEmpty) return Make(attributes, null, false);
        var type = RequestBody.MediaType(request);
        if (type.Length == 0) throw RequestBody.UnknownType(request);
        if (!RequestBody.IsJson(type))
            return Make(attributes, JsonSerializer.SerializeToUtf8Bytes(Convert.ToBase64String(body.Span)), true);
        RequestBody.CheckCharset(request);
        using var data = RequestBody.Parse(body);
        return Make(attributes, EventBody.Raw(data.RootElement), false);
    }

    private static StreamEvent Make(Dictionary<string, string> attributes, byte[]? data, bool bytes)
    {
        foreach (var required in Required)
        {
            if (string.IsNullOrEmpty(attributes.GetValueOrDefault(required)))
                throw Invalid($"A CloudEvent's {required} is text, and not empty.");
        }

        if (attributes["specversion"] != "1.0") throw Invalid("A CloudEvent's specversion is \"1.0\".");
        foreach (var (name, value) in attributes) Check(name, value);
        var type = EventBody.Type(attributes["type"]);
        attributes.Remove("type");
        attributes.Remove("specversion");
        var metadata = attributes.ToDictionary(static one => Prefix + one.Key, static one => one.Value);
        if (bytes) metadata.Add(Base64Mark, "true");
        return new StreamEvent(type, data, null, metadata);
    }

    // What the specification forbids could be stored, but no reader of CloudEvents would accept it.
    private static void Check(string name, string value)
    {
        if (FaultOf(name, value) is { } fault) throw Invalid(fault);
    }

    /// <summary>Why CloudEvents 1.0 forbids an attribute, or null where it does not.</summary>
    public static string? FaultOf(string name, string value)
    {
        if (name.Length == 0 || !name.All(static one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one)))
            return $"A CloudEvent attribute's name has a to z and 0 to 9; '{name}' has others.";
        if (name == "data") return "No CloudEvent attribute is named data. Its data are the request's body.";
        if (!value.EnumerateRunes().All(IsAllowed))
            return $"The CloudEvent's {name} holds a control character or a noncharacter of Unicode.";
        var (isWellFormed, form) = name switch
        {
            "time" => (RequestQuery.TryInstant(value) is not null, "an RFC 3339 time, as in 2026-01-01T00:00:00Z"),
            "source" => (Uri.TryCreate(value, UriKind.RelativeOrAbsolute, out _), "a URI or a relative reference"),
            "dataschema" => (
                value is not ['/', ..] && Uri.TryCreate(value, UriKind.Absolute, out _), "a URI with its scheme"),
            "subject" => (value.Length > 0, "text, and not empty"),
            ContentType => (MediaTypeHeaderValue.TryParse(value, out _), "a media type, as in application/json"),
            _ => (true, ""),
        };
        return isWellFormed ? null : $"A CloudEvent's {name} is {form}.";
    }

    /// <summary>A text as an attribute may hold it: characters that it may not are percent-encoded.</summary>
    public static string Allowed(string value)
    {
        if (value.EnumerateRunes().All(IsAllowed)) return value;
        var text = new StringBuilder(value.Length);
        foreach (var one in value.EnumerateRunes())
            text.Append(IsAllowed(one) ? one.ToString() : Uri.EscapeDataString(one.ToString()));
        return text.ToString();
    }

    /// <summary>Whether a value of JSON is a string of base64.</summary>
    public static bool IsBase64(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return reader.Read() && reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out _);
    }

    // Noncharacters are the last two of each plane, and 32 more.
    private static bool IsAllowed(Rune one) => !Rune.IsControl(one) && (one.Value & 0xFFFE) != 0xFFFE
        && one.Value is not (>= 0xFDD0 and <= 0xFDEF);

    private static string Text(JsonProperty attribute) => attribute.Value.ValueKind switch
    {
        JsonValueKind.String => attribute.Value.GetString()!,
        JsonValueKind.Number when !Required.Contains(attribute.Name) && attribute.Value.TryGetInt32(out _) =>
            attribute.Value.GetRawText(),
        JsonValueKind.True or JsonValueKind.False when !Required.Contains(attribute.Name) =>
            attribute.Value.GetRawText(),
        _ => throw Invalid(Required.Contains(attribute.Name)
            ? $"A CloudEvent's {attribute.Name} is text, and not empty."
            : $"The CloudEvent attribute {attribute.Name} is not text, a whole number of 32 bits or a boolean."),
    };

    private static byte[] Base64(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out _)
            ? Encoding.UTF8.GetBytes(value.GetRawText())
            : throw Invalid("A CloudEvent's data_base64 is base64.");

    private static ApiProblem Invalid(string detail) => EventBody.Invalid(detail);
}
