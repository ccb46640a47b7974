using System.Text.Json;
using System.Text.Unicode;

namespace Granary;

/// <summary>Checks texts that are to be JSON, however deep it nests.</summary>
internal static class JsonText
{
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>Checks that a text is one JSON value in UTF-8.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Check(ReadOnlySpan<byte> text, string what)
    {
        if (!Utf8.IsValid(text)) throw new ArgumentException($"{what} is not in UTF-8.");
        try
        {
            for (var reader = new Utf8JsonReader(text, AnyDepth); reader.Read();)
            {
                // Only whether it can be read to its end matters.
            }
        }
        catch (JsonException fault)
        {
            throw new ArgumentException($"{what} is no JSON.", fault);
        }
    }
}
