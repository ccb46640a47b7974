using System.Text.Json;
using Granary.Client;
using Granary.Contracts;

namespace Granary.Gateway;

/// <summary>What an answer needs of the line that it answers.</summary>
/// <param name="Number">The line's number.</param>
/// <param name="Id">The sender's id of it; null where it has none that can be read.</param>
/// <param name="Expected">What it expects of the stream.</param>
internal readonly record struct LineTag(long Number, string? Id, ExpectedVersion Expected);

/// <summary>Reads a line that describes an append.</summary>
internal static class AppendLine
{
    /// <summary>How many characters the sender's id may have.</summary>
    public const int IdLengthMax = 200;

    /// <summary>The sender's id of a line; null where it has none that can be read.</summary>
    public static string? IdOf(JsonElement line) => line.ValueKind == JsonValueKind.Object
        && line.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
        && id.GetString() is { Length: > 0 and <= IdLengthMax } text ? text : null;

    /// <summary>Reads an append.</summary>
    /// <exception cref="ApiProblem">It is none.</exception>
    public static TaggedAppend<LineTag> Read(long number, JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object) throw Invalid("it is not an object");
        StreamName? stream = null;
        StreamEvent[]? events = null;
        string? key = null;
        var expected = ExpectedVersion.Any;
        foreach (var member in line.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id": break;
                case "stream": stream = Stream(member.Value); break;
                case "events": events = EventBody.ReadArray(member.Value); break;
                case "expected": expected = Expected(member.Value); break;
                case "idempotencyKey": key = Key(member.Value); break;
                default: throw Invalid($"it has a member '{member.Name}', which an append has not");
            }
        }

        var id = IdOf(line) ?? throw Invalid($"its id is not text of 1 to {IdLengthMax} characters");
        if (stream is null) throw Invalid("it has no stream");
        if (events is not { Length: > 0 }) throw Invalid("it has no events");
        return new(new(number, id, expected), stream.Value, new StreamAppend(events, expected, key));
    }

    private static StreamName Stream(JsonElement value) => value.ValueKind != JsonValueKind.String
        ? throw Invalid("its stream is not text")
        : StreamName.TryParse(value.GetString()!, out var stream, out var fault)
            ? stream
            : throw ApiProblem.BadRequest("invalid-target", fault);

    private static string? Key(JsonElement value) => value.ValueKind == JsonValueKind.Null
        ? null
        : value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= RequestHeaders.IdempotencyKeyLengthMax } key
            ? key
            : throw Invalid(
                $"its idempotencyKey is not text of 1 to {RequestHeaders.IdempotencyKeyLengthMax} characters");

    // As If-Match and If-None-Match: a version, the text of an ETag, or whether there is a stream.
    private static ExpectedVersion Expected(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => ExpectedVersion.Any,
        JsonValueKind.Number when value.TryGetInt64(out var version) && version >= 0 =>
            ExpectedVersion.Exactly(new StreamVersion(version)),
        JsonValueKind.String when value.ValueEquals("none") => ExpectedVersion.NoStream,
        JsonValueKind.String when value.ValueEquals("exists") => ExpectedVersion.StreamExists,
        JsonValueKind.String when Tag(value.GetString()!) is { } tag => tag,
        _ => throw Invalid("its expected is neither a version, as in 7, nor the text of an ETag, as in \"7-42\", nor "
            + "\"none\" or \"exists\""),
    };

    private static ExpectedVersion? Tag(string text) =>
        text.StartsWith('"') ? StreamETag.TryParse(text) : StreamETag.TryParseText(text);

    private static ApiProblem Invalid(string reason) => ApiProblem.BadRequest(
        "invalid-append",
        $"The line is no append: {reason}. An append is {{\"id\",\"stream\",\"expected\"?,\"idempotencyKey\"?,"
        + "\"events\":[...]}.");
}
