using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Granary.Runtime;

/// <summary>The values of columns as text, in requests and in the cursors of pages.</summary>
internal static class ModelValues
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Parses a value of a column.</summary>
    /// <exception cref="ModelQueryException">It is none of its kind.</exception>
    public static object? Parse(ModelColumn column, string? text) => text is null
        ? null
        : TryParse(column.Kind, text) ?? throw new ModelQueryException(
            text,
            $"It is no value of the column {column.Name}, which holds {column.Kind}. "
            + "Send numbers with a point, times in RFC 3339, true or false.");

    /// <summary>A cursor as text, that is handed back for the next page.</summary>
    public static string Write(ModelCursor cursor) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes(new[] { Text(cursor.Value), cursor.Key }, QueriesJson.Default.StringArray));

    /// <summary>Parses a cursor.</summary>
    /// <exception cref="ModelQueryException">It is none, or one of another order.</exception>
    public static ModelCursor ParseCursor(string text, ModelColumn? orderBy)
    {
        try
        {
            var parts = JsonSerializer.Deserialize(
                Base64Url.DecodeFromChars(text), QueriesJson.Default.StringArray);
            if (parts is [var value, { Length: > 0 } key] && (value is null || orderBy is not null))
                return new ModelCursor(orderBy is null ? null : Parse(orderBy, value), key);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            // Reported below.
        }

        throw new ModelQueryException(
            "after", "It is no end of a page of this query. Send next of the page before, with the same order.");
    }

    private static object? TryParse(ModelColumnKind kind, string text) => kind switch
    {
        ModelColumnKind.Text => text,
        ModelColumnKind.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out var whole)
            ? whole : null,
        ModelColumnKind.Number => double.TryParse(text, NumberStyles.Float, Invariant, out var number)
            && !double.IsNaN(number) ? number : null,
        ModelColumnKind.Decimal => decimal.TryParse(text, NumberStyles.Float, Invariant, out var exact) ? exact : null,
        ModelColumnKind.Boolean => text switch { "true" => true, "false" => false, _ => null },
        _ => DateTimeOffset.TryParse(
            text, Invariant, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : null,
    };

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", Invariant),
        DateTimeOffset time => time.ToString("O", Invariant),
        IFormattable other => other.ToString(null, Invariant),
        _ => value.ToString(),
    };
}
