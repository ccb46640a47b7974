using System.Runtime.InteropServices;
using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>The events of a body.</summary>
/// <param name="Events">The events, in order; none only where a batch of CloudEvents holds none.</param>
/// <param name="CloudEventsKey">
/// Where they are CloudEvents, a key of their sources and ids: events with the same are the same by their
/// specification.
/// </param>
internal readonly record struct EventBody(IReadOnlyList<StreamEvent> Events, string? CloudEventsKey)
{
    /// <summary>Reads the events of a body, in our own form or as CloudEvents, by its content type.</summary>
    public static ValueTask<EventBody> ReadAsync(HttpRequest request)
    {
        var type = RequestBody.MediaType(request);
        if (type is not ("application/json" or "text/json") || CloudEvents.IsBinary(request))
            return ReadOtherAsync(request, type);
        RequestBody.CheckCharset(request);
        RequestBody.CheckEncoding(request);
        return TryReadPlain(request) is { } events ? new(new EventBody(events, null)) : ReadOwnAsync(request);
    }

    // The usual body: it has arrived, in one piece, and has nothing that only a document is checked for.
    private static StreamEvent[]? TryReadPlain(HttpRequest request)
    {
        if (!RequestBody.TryReadWhole(request, out var read)) return null;
        StreamEvent[]? events = null;
        try
        {
            if (read.Buffer.IsSingleSegment) events = EventJson.TryRead(read.Buffer.FirstSpan);
        }
        finally
        {
            RequestBody.Advance(request, events is null ? read.Buffer.Start : read.Buffer.End);
        }

        return events;
    }

    private static async ValueTask<EventBody> ReadOwnAsync(HttpRequest request)
    {
        var body = await RequestBody.ReadAsync(request, request.HttpContext.RequestAborted);
        return new(ReadWhole(body), null);
    }

    private static async ValueTask<EventBody> ReadOtherAsync(HttpRequest request, string type)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        if (type is not (CloudEvents.Structured or CloudEvents.Batch) && CloudEvents.IsBinary(request))
        {
            var bytes = await RequestBody.ReadAsync(request, cancellationToken);
            return CloudEvents.Keyed([Checked(CloudEvents.ReadBinary(request, bytes))]);
        }

        if (type is not (CloudEvents.Structured or CloudEvents.Batch)) throw RequestBody.UnknownType(request);
        using var body = await RequestBody.ReadJsonAsync(request, cancellationToken);
        return CloudEvents.Keyed(
            type == CloudEvents.Batch
                ? Array(body.RootElement, CloudEvents.Read)
                : [Checked(CloudEvents.Read(body.RootElement))]);
    }

    /// <summary>Reads the events of a body in our own form: one, or an array of them.</summary>
    public static StreamEvent[] ReadWhole(ReadOnlyMemory<byte> body)
    {
        using var json = RequestBody.Parse(body);
        var root = json.RootElement;
        var events = root.ValueKind == JsonValueKind.Array ? Array(root, Read) : [Checked(Read(root))];
        return events.Length > 0 ? events : throw Invalid("The array holds no event. Send at least one.");
    }

    /// <summary>Reads an array of events in our own form.</summary>
    public static StreamEvent[] ReadArray(JsonElement array) => Array(array, Read);

    /// <summary>A value's own bytes; null and absence are both no content.</summary>
    public static byte[]? Raw(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined
            ? null
            : JsonMarshal.GetRawUtf8Value(value).ToArray();

    /// <summary>The type of an event, where it is one.</summary>
    public static string Type(string? type)
    {
        if (string.IsNullOrEmpty(type)) throw Invalid("An event has a type: text, not empty.");
        return EventTypes.IsReserved(type)
            ? throw Invalid($"Types that begin with {EventTypes.Prefix} are Granary's own.")
            : type;
    }

    /// <summary>What is no event.</summary>
    public static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-event", detail);

    private static StreamEvent[] Array(JsonElement array, Func<JsonElement, StreamEvent> read)
    {
        if (array.ValueKind != JsonValueKind.Array) throw Invalid("Events are sent as an array of objects.");
        var events = new StreamEvent[array.GetArrayLength()];
        var at = 0;
        foreach (var element in array.EnumerateArray())
        {
            try
            {
                events[at] = Checked(read(element));
            }
            catch (Exception fault) when (fault is ApiProblem or LimitExceededException)
            {
                throw Problems.Of(fault)!.At(at);
            }

            at++;
        }

        return events;
    }

    /// <summary>How many bytes a pair of metadata takes at most, as it is stored.</summary>
    public static long MetadataSizeAtMost(string name, string value) => 6L * (name.Length + value.Length) + 6;

    // What the append would refuse, without a word on which event it is.
    private static StreamEvent Checked(StreamEvent one)
    {
        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventTypeLengthMax, one.Type.Length, "event type", "Give the type a shorter name.");
        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventSizeMax, one.Data?.Length ?? 0, "event",
            "Keep large content elsewhere and a reference in the event.");
        if (one.Metadata is not { Count: > 0 } metadata) return one;

        // A character takes six bytes of JSON at most; only what may be over the limit is measured.
        var length = metadata.Sum(static pair => MetadataSizeAtMost(pair.Key, pair.Value));
        if (length > GranaryLimits.MetadataSizeMax) _ = EventMetadata.Of(metadata);
        return one;
    }

    private static StreamEvent Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Invalid("An event is an object with type, and optionally data, id and metadata.");
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
                default: throw Invalid($"An event has no member '{member.Name}'. Put it into data.");
            }
        }

        return new StreamEvent(Type(type), data, id, metadata);
    }

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()!
        : throw Invalid($"An event's {member.Name} is text.");

    // The parser also takes what is no UUID: white space around it, and signs or 0x in place of digits.
    private static Guid? Id(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Null
        ? null
        : Guid.TryParseExact(Text(member), "D", out var id) && id != Guid.Empty
            && Text(member).Equals(id.ToString("D"), StringComparison.OrdinalIgnoreCase)
            ? id
            : throw Invalid("An event's id is a UUID, as in 019a0000-0000-7000-8000-000000000001. "
                + "Leave it out to have one made.");

    private static Dictionary<string, string>? Pairs(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Invalid("An event's metadata is an object that holds text.");
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal))
                throw Invalid($"Metadata named {MetadataNames.ReservedPrefix}* is Granary's own.");
            pairs.Add(member.Name, member.Value.ValueKind == JsonValueKind.String
                ? member.Value.GetString()!
                : throw Invalid($"Metadata is text; '{member.Name}' is not. Put values into data."));
        }

        // None and an empty one are the same event.
        return pairs.Count > 0 ? pairs : null;
    }
}
