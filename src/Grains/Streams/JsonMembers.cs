using System.Text.Json;

namespace Granary.Grains;

/// <summary>The members of an object, in the order in which they were last set.</summary>
internal sealed class JsonMembers
{
    // Up to so many are compared one by one, in place of making text of a name to look it up.
    private const int ComparedMax = 16;

    private readonly OrderedDictionary<string, JsonPart> _parts = new(StringComparer.Ordinal);

    /// <summary>The name that is read, as the member's own text where there is one.</summary>
    /// <exception cref="InvalidOperationException">It is not text.</exception>
    public string NameOf(ref Utf8JsonReader reader)
    {
        for (var at = 0; at < _parts.Count && _parts.Count <= ComparedMax; at++)
        {
            if (reader.ValueTextEquals(_parts.GetAt(at).Key)) return _parts.GetAt(at).Key;
        }

        return reader.GetString()!;
    }

    /// <summary>Removes a member, and gives what it was; null in JSON where there was none.</summary>
    public JsonPart Remove(string name) => _parts.Remove(name, out var part) ? part : default;

    /// <summary>Adds a member at the end.</summary>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public void Add(string name, JsonPart part) => _parts.Add(name, part);

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        for (var at = 0; at < _parts.Count; at++)
        {
            var (name, part) = _parts.GetAt(at);
            writer.WritePropertyName(name);
            part.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
