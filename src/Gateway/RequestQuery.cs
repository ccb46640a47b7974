using System.Globalization;
using System.Text.RegularExpressions;

namespace Granary.Gateway;

/// <summary>Reads query parameters and names the one that is wrong.</summary>
internal static partial class RequestQuery
{
    private const int LimitByDefault = 100;

    public static int Limit(string? text)
    {
        var limit = Number("limit", text) ?? LimitByDefault;
        return limit is >= 1 and <= GranaryLimits.PageSizeMax
            ? (int)limit
            : throw ApiProblem.BadRequest($"limit is a number from 1 to {GranaryLimits.PageSizeMax}.");
    }

    public static long? Number(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiProblem.BadRequest($"{name} is a whole number from 0.");
    }

    public static ReadDirection Direction(string? text) => text switch
    {
        null or "" or "forward" => ReadDirection.Forward,
        "backward" => ReadDirection.Backward,
        _ => throw ApiProblem.BadRequest("direction is forward or backward."),
    };

    public static DateTimeOffset? Instant(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return Rfc3339().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, styles, out var instant)
            ? instant
            : throw ApiProblem.BadRequest($"{name} is an RFC 3339 time, as in 2026-01-01T00:00:00Z, percent-encoded.");
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,7})?([Zz]|[+-]\d{2}:\d{2})$")]
    private static partial Regex Rfc3339();
}
