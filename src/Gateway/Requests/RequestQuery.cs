using System.Globalization;
using System.Text.RegularExpressions;

namespace Granary.Gateway;

/// <summary>Reads query parameters and names the one that is wrong.</summary>
internal static partial class RequestQuery
{
    public const int LimitByDefault = 100;

    public static int Limit(string? text)
    {
        if (string.IsNullOrEmpty(text)) return LimitByDefault;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit is >= 1 and <= GranaryLimits.PageSizeMax
            ? limit
            : throw ApiProblem.BadRequest($"limit is a whole number from 1 to {GranaryLimits.PageSizeMax}.");
    }

    public static long? Number(string name, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiProblem.BadRequest($"{name} is a whole number from 0 to {long.MaxValue}.");
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
        // A clock here has seven digits of a second; what a finer one says behind them changes nothing that is asked.
        var match = Rfc3339().Match(text);
        var finer = match.Groups["finer"];
        return match.Success && DateTimeOffset.TryParse(
            text.Remove(finer.Index, finer.Length), CultureInfo.InvariantCulture, styles, out var instant)
            ? instant
            : throw ApiProblem.BadRequest(
                $"{name} is an RFC 3339 time, as in 2026-01-01T00:00:00Z; + in a URL is %2B.");
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,7}(?<finer>\d*))?([Zz]|[+-]\d{2}:\d{2})$")]
    private static partial Regex Rfc3339();
}
