using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Grains;

/// <summary>
/// Gives the values that a reducer made the form that they have when the state is read from a snapshot: a number that
/// was set as an <see cref="int"/> is read as an <see cref="int"/> only, and one that was parsed as any kind of number.
/// A fold must not depend on whether there was a snapshot.
/// </summary>
internal static class ParsedJson
{
    /// <summary>Changes a node in place, and returns it; a value that stands alone is returned anew.</summary>
    public static JsonNode? Of(JsonNode? node)
    {
        if (node is JsonValue alone) return Parse(alone);
        var open = new Stack<JsonNode>();
        if (node is not null) open.Push(node);
        while (open.TryPop(out var next))
        {
            if (next is JsonArray array) ParseItems(array, open);
            else ParseMembers(next.AsObject(), open);
        }

        return node;
    }

    private static void ParseItems(JsonArray array, Stack<JsonNode> open)
    {
        for (var at = 0; at < array.Count; at++)
        {
            if (array[at] is not JsonValue value) Push(array[at], open);
            else if (!IsParsed(value)) array[at] = Parse(value);
        }
    }

    private static void ParseMembers(JsonObject of, Stack<JsonNode> open)
    {
        List<(string Name, JsonValue Value)>? made = null;
        foreach (var (name, member) in of)
        {
            if (member is not JsonValue value) Push(member, open);
            else if (!IsParsed(value)) (made ??= []).Add((name, value));
        }

        foreach (var (name, value) in made ?? []) of[name] = Parse(value);
    }

    private static void Push(JsonNode? node, Stack<JsonNode> open)
    {
        if (node is not null) open.Push(node);
    }

    private static bool IsParsed(JsonValue value) => value.TryGetValue<JsonElement>(out _);

    private static JsonNode? Parse(JsonValue value) => IsParsed(value) ? value : JsonNode.Parse(value.ToJsonString());
}
