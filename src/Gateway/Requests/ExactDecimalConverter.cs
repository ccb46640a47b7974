using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Gateway;

/// <summary>Reads amounts, as numbers or as text, and refuses what a decimal could only hold rounded.</summary>
internal sealed class ExactDecimalConverter : JsonConverter<decimal>
{
    /// <summary>The longest text whose digits a decimal holds all: 27, a sign and a point.</summary>
    public const int LengthMax = 29;

    private const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            JsonTokenType.String => reader.GetString()!,
            _ => throw new JsonException(),
        };
        return text.Length <= LengthMax && decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value);
}
