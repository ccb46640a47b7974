using System.Text.Json.Nodes;

namespace Granary.Tests;

/// <summary>RFC 7396 by its own pseudo-code, so that the product is not checked against itself.</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject members) return patch?.DeepClone();

        var result = target as JsonObject ?? [];
        foreach (var (name, value) in members)
        {
            if (value is null)
            {
                result.Remove(name);
                continue;
            }

            var old = result[name];
            result.Remove(name);
            result[name] = Apply(old, value);
        }

        return result;
    }
}
