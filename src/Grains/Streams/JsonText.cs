using System.Text.Json;
using System.Text.Unicode;

namespace Granary.Grains;

/// <summary>
/// Checks the data of events, which not only come over HTTP: what is no JSON, or holds what is no text, could be stored
/// and not be read again.
/// </summary>
internal static class JsonText
{
    /// <summary>Checks that it is JSON, and its texts.</summary>
    /// <exception cref="JsonException">It is malformed, or not UTF-8.</exception>
    /// <exception cref="InvalidOperationException">A text is none: it holds half a character.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        CheckUtf8(json);
        CheckTokens(json);
    }

    /// <summary>Checks the texts of what is parsed elsewhere, which does not unescape them.</summary>
    /// <inheritdoc cref="Check" path="/exception" />
    public static void CheckTexts(ReadOnlySpan<byte> json)
    {
        CheckUtf8(json);

        // How the escape of a half begins; nearly no event holds it, and a search takes next to nothing.
        if (json.IndexOf("\\ud"u8) >= 0 || json.IndexOf("\\uD"u8) >= 0) CheckTokens(json);
    }

    private static void CheckUtf8(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) throw new JsonException("It holds bytes that are not UTF-8.");
    }

    private static void CheckTokens(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.ValueIsEscaped) reader.GetString();
        }
    }
}
