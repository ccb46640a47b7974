using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Bodies of appends.</summary>
internal static class Events
{
    public static JsonObject One(string type, JsonNode? data = null, string? id = null)
    {
        var body = new JsonObject { ["type"] = type, ["data"] = data };
        if (id is not null) body["id"] = id;
        return body;
    }

    /// <summary>So many events with data <c>{"n":1}</c>, <c>{"n":2}</c> and on.</summary>
    public static JsonArray Numbered(int count, int from = 1) =>
        new([.. Enumerable.Range(from, count).Select(n => One("numbered", new JsonObject { ["n"] = n }))]);

    /// <summary>A key that no other test uses.</summary>
    public static string NewKey() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
}
