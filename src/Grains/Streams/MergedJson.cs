using System.Text.Json;

namespace Granary.Grains;

/// <summary>
/// A JSON value that JSON merge patches (RFC 7396) are applied to in place, straight from their bytes: a patch is
/// parsed once and no document is made of it. Numbers keep their digits; members keep the order in which they were last
/// set.
/// </summary>
internal sealed class MergedJson
{
    private const int DepthMax = 64;

    private JsonPart _root;

    /// <summary>Reads a value.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static MergedJson Parse(ReadOnlySpan<byte> json)
    {
        var (merged, text) = (new MergedJson(), json.ToArray());
        var reader = Begin(text);
        merged._root = ReadValue(ref reader, text);
        End(ref reader);
        return merged;
    }

    /// <summary>Applies a patch. Where it throws, a part of the patch may have been applied.</summary>
    /// <param name="patch">The patch in UTF-8. Small ones are kept as they are, so it must not change.</param>
    /// <exception cref="JsonException">It is malformed, or not UTF-8.</exception>
    /// <exception cref="ArgumentException">One of its objects has a property twice.</exception>
    /// <exception cref="InvalidOperationException">A text is none: it holds half a character.</exception>
    public void Apply(byte[] patch)
    {
        JsonText.CheckTexts(patch);
        var reader = Begin(patch);
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            var members = _root.Members ?? new JsonMembers();
            Merge(members, ref reader, patch);
            _root = new JsonPart(members);
        }
        else
        {
            _root = JsonPart.Read(ref reader, patch);
        }

        End(ref reader);
    }

    public void WriteTo(Utf8JsonWriter writer) => _root.WriteTo(writer);

    private static Utf8JsonReader Begin(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
        reader.Read();
        return reader;
    }

    // After a whole value the reader accepts nothing but white space.
    private static void End(ref Utf8JsonReader reader) => reader.Read();

    private static void Merge(JsonMembers members, ref Utf8JsonReader reader, byte[] patch)
    {
        var names = new PatchNames();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = members.NameOf(ref reader);
            names.Add(name);
            reader.Read();
            var before = members.Remove(name);
            switch (reader.TokenType)
            {
                case JsonTokenType.Null:
                    break;
                case JsonTokenType.StartObject:
                    var inner = before.Members ?? new JsonMembers();
                    Merge(inner, ref reader, patch);
                    members.Add(name, new JsonPart(inner));
                    break;
                default:
                    members.Add(name, JsonPart.Read(ref reader, patch));
                    break;
            }
        }
    }

    // As it is written: what is null stays.
    private static JsonPart ReadValue(ref Utf8JsonReader reader, byte[] json)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return JsonPart.Read(ref reader, json);
        var members = new JsonMembers();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            members.Add(name, ReadValue(ref reader, json));
        }

        return new JsonPart(members);
    }
}
