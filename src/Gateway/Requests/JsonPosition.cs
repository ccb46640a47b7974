using System.Text.Json;

namespace Granary.Gateway;

/// <summary>Finds positions in JSON that the parser itself does not report.</summary>
internal static class JsonPosition
{
    /// <summary>The error at the first property that an object holds a second time, or null.</summary>
    public static JsonException? FindDuplicateProperty(ReadOnlySpan<byte> json, int depthMax)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depthMax });
        var open = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject) open.Push(new HashSet<string>(StringComparer.Ordinal));
            else if (reader.TokenType == JsonTokenType.EndObject) open.Pop();
            if (reader.TokenType != JsonTokenType.PropertyName || open.Peek().Add(reader.GetString()!)) continue;

            var before = json[..(int)reader.TokenStartIndex];
            return new JsonException(
                "An object holds a property twice.", null, before.Count((byte)'\n'),
                before.Length - (before.LastIndexOf((byte)'\n') + 1));
        }

        return null;
    }
}
