using System.Runtime.InteropServices;
using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Reads the events of a body, in our own form or as CloudEvents, by its content type.</summary>
internal static class EventBody
{
    public static async Task<IReadOnlyList<StreamEvent>> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var type = RequestBody.MediaType(request);
        if (type is not (CloudEvents.Structured or CloudEvents.Batch) && CloudEvents.IsBinary(request))
            return [CloudEvents.ReadBinary(request, await RequestBody.ReadAsync(request, cancellationToken))];
        if (type is not ("application/json" or CloudEvents.Structured or CloudEvents.Batch))
            throw RequestBody.UnknownType(request);

        using var body = await RequestBody.ReadJsonAsync(request, cancellationToken);
        var events = type switch
        {
            CloudEvents.Structured => [CloudEvents.Read(body.RootElement)],
            CloudEvents.Batch => Array(body.RootElement, CloudEvents.Read),
            _ when body.RootElement.ValueKind == JsonValueKind.Array => Array(body.RootElement, Read),
            _ => [Read(body.RootElement)],
        };
        return events.Count > 0 ? events : throw ApiProblem.BadRequest("The array holds no event. Send at least one.");
    }

    /// <summary>A value's own bytes; null and absence are both no content.</summary>
    public static byte[]? Raw(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined
            ? null
            : JsonMarshal.GetRawUtf8Value(value).ToArray();

    public static string Type(string? type)
    {
        if (string.IsNullOrEmpty(type)) throw ApiProblem.BadRequest("An event has a type: text, not empty.");
        return EventTypes.IsReserved(type)
            ? throw ApiProblem.BadRequest($"Types that begin with {EventTypes.Prefix} are Granary's own.")
            : type;
    }

    private static List<StreamEvent> Array(JsonElement array, Func<JsonElement, StreamEvent> read) =>
        array.ValueKind == JsonValueKind.Array
            ? [.. array.EnumerateArray().Select(read)]
            : throw ApiProblem.BadRequest("The body is an array of events.");

    private static StreamEvent Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw ApiProblem.BadRequest("An event is an object with type, data, and if you like id and metadata.");
        string? type = null;
        byte[]? data = null;
        Guid? id = null;
        Dictionary<string, string>? metadata = null;
        foreach (var member in element.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type": type = Text(member); break;
                case "data": data = Raw(member.Value); break;
                case "id": id = Id(member); break;
                case "metadata": metadata = Pairs(member.Value); break;
                default: throw ApiProblem.BadRequest($"An event has no member '{member.Name}'. Put it into data.");
            }
        }

        return new StreamEvent(Type(type), data, id, metadata);
    }

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()!
        : throw ApiProblem.BadRequest($"An event's {member.Name} is text.");

    private static Guid? Id(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Null
        ? null
        : Guid.TryParse(Text(member), out var id) && id != Guid.Empty
            ? id
            : throw ApiProblem.BadRequest("An event's id is a UUID. Leave it out to have one made.");

    private static Dictionary<string, string>? Pairs(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Object) throw ApiProblem.BadRequest("An event's metadata holds text.");
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal))
                throw ApiProblem.BadRequest($"Metadata named {MetadataNames.ReservedPrefix}* is Granary's own.");
            pairs.Add(member.Name, member.Value.ValueKind == JsonValueKind.String
                ? member.Value.GetString()!
                : throw ApiProblem.BadRequest($"Metadata is text; '{member.Name}' is not. Put values into data."));
        }

        return pairs;
    }
}
