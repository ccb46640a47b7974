using System.Text;
using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>
/// Reads CloudEvents 1.0. Type and data become the event's own; the other attributes are kept as metadata under
/// <c>ce-</c> and their name, so that the CloudEvent can be had back.
/// </summary>
internal static class CloudEvents
{
    public const string Structured = "application/cloudevents+json";

    public const string Batch = "application/cloudevents-batch+json";

    private const string Prefix = "ce-";

    public static StreamEvent Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw ApiProblem.BadRequest("A CloudEvent is a JSON object.");
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        byte[]? data = null;
        var carriers = 0;
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
                    carriers++;
                    break;
                default:
                    if (member.Value.ValueKind != JsonValueKind.Null) attributes.Add(member.Name, Text(member));
                    break;
            }
        }

        if (carriers > 1) throw ApiProblem.BadRequest("A CloudEvent has data or data_base64, not both.");
        return Make(attributes, data);
    }

    public static StreamEvent ReadBinary(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var attributes = request.Headers
            .Where(static header => header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(
                static header => header.Key[Prefix.Length..].ToLowerInvariant(),
                static header => Uri.UnescapeDataString(header.Value.ToString()),
                StringComparer.Ordinal);
        if (body.IsEmpty) return Make(attributes, null);
        var type = RequestBody.MediaType(request);
        if (type != "application/json" && !type.EndsWith("+json", StringComparison.Ordinal))
            throw RequestBody.UnknownType(request);
        using var data = RequestBody.Parse(body);
        return Make(attributes, EventBody.Raw(data.RootElement));
    }

    private static StreamEvent Make(Dictionary<string, string> attributes, byte[]? data)
    {
        if (attributes.GetValueOrDefault("specversion") != "1.0")
            throw ApiProblem.BadRequest("A CloudEvent's specversion is 1.0.");
        foreach (var required in (ReadOnlySpan<string>)["id", "source", "type"])
        {
            if (string.IsNullOrEmpty(attributes.GetValueOrDefault(required)))
                throw ApiProblem.BadRequest($"A CloudEvent has a {required}, which is text and not empty.");
        }

        var type = EventBody.Type(attributes["type"]);
        attributes.Remove("type");
        attributes.Remove("specversion");
        return new StreamEvent(
            type, data, null, attributes.ToDictionary(static one => Prefix + one.Key, static one => one.Value));
    }

    private static string Text(JsonProperty attribute) => attribute.Value.ValueKind switch
    {
        JsonValueKind.String => attribute.Value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => attribute.Value.GetRawText(),
        _ => throw ApiProblem.BadRequest($"The CloudEvent attribute {attribute.Name} is no text, number or boolean."),
    };

    // Bytes that are not JSON are kept as a JSON string of their base64.
    private static byte[] Base64(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out _)
            ? Encoding.UTF8.GetBytes(value.GetRawText())
            : throw ApiProblem.BadRequest("A CloudEvent's data_base64 is base64.");
}
