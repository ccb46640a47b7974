using System.Text.Json.Nodes;

namespace Granary.Grains;

/// <summary>JSON merge patch, RFC 7396.</summary>
internal static class JsonMergePatch
{
    /// <summary>The target with the patch applied; the target may be changed in place.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var result = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
                continue;
            }

            // Detached first: a node has one parent only.
            result.Remove(name, out var before);
            result[name] = Apply(before, value);
        }

        return result;
    }
}
