using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Reads query parameters and names the one that is wrong.</summary>
internal static partial class RequestQuery
{
    public const int LimitByDefault = 100;

    /// <summary>Refuses a parameter that the call does not have, and one that is sent twice.</summary>
    public static void Check(HttpContext context)
    {
        if (!context.Request.QueryString.HasValue) return;
        var known = context.GetEndpoint()!.Metadata.GetOrderedMetadata<ApiParameter>()
            .Where(static one => one.IsInQuery).ToArray();
        foreach (var (name, values) in context.Request.Query)
        {
            var parameter = Array.Find(known, one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (parameter is null)
                throw Invalid(known.Length == 0
                    ? $"There is no query parameter '{name}': this call has none."
                    : $"There is no query parameter '{name}'. This call has "
                        + $"{string.Join(", ", known.Select(static one => one.Name))}.");
            if (values.Count != 1 && !parameter.IsRepeatable) throw Invalid($"{name} is sent once at most.");
        }
    }

    /// <summary>How many events a page holds at most.</summary>
    public static int Limit(HttpRequest request)
    {
        if (Text(request, "limit") is not { } text) return LimitByDefault;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit is >= 1 and <= GranaryLimits.PageSizeMax
            ? limit
            : throw Invalid($"limit is a whole number from 1 to {GranaryLimits.PageSizeMax}.");
    }

    /// <summary>A whole number, or null where it is not sent.</summary>
    public static long? Number(HttpRequest request, string name, long min = 0)
    {
        if (Text(request, name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number
            : throw Invalid($"{name} is a whole number from {min} to {long.MaxValue}.");
    }

    /// <summary>
    /// Where a page of a stream begins, and its order: after a version, oldest first, or before one, newest first.
    /// </summary>
    public static StreamRange Range(HttpRequest request)
    {
        var after = Cursor(request, "after", min: 0);
        var before = Cursor(request, "before", min: 1);
        var isBackward = Text(request, "direction") switch
        {
            null => before is not null,
            "forward" => false,
            "backward" => true,
            _ => throw Invalid("direction is forward or backward."),
        };
        if (isBackward && after is not null) throw Invalid("after is for reading forward; backward, send before.");
        if (!isBackward && before is not null) throw Invalid("before is for reading backward; forward, send after.");
        var from = (after ?? before)?.Version ?? (isBackward ? new StreamVersion(long.MaxValue) : StreamVersion.Zero);
        return new(
            from, (after ?? before)?.Position ?? GlobalPosition.Zero,
            isBackward ? ReadDirection.Backward : ReadDirection.Forward,
            IsFromStart: !isBackward && after is null);
    }

    private static ExpectedVersion? Cursor(HttpRequest request, string name, long min)
    {
        if (Text(request, name) is not { } text) return null;
        if (text.Contains('-'))
            return StreamETag.TryParseText(text) ?? throw Invalid(
                $"{name} is a version, or version and position of an event, as in 7-42.");
        return ExpectedVersion.Exactly(new StreamVersion(Number(request, name, min)!.Value));
    }

    /// <summary>An instant in RFC 3339, or null where it is not sent.</summary>
    public static DateTimeOffset? Instant(HttpRequest request, string name) => Text(request, name) is not { } text
        ? null
        : TryInstant(text) ?? throw Invalid(
            $"{name} is an RFC 3339 time, as in 2026-01-01T00:00:00Z; + in a URL is %2B.");

    /// <summary>An instant in RFC 3339, or null where the text is none.</summary>
    public static DateTimeOffset? TryInstant(string text)
    {
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        // A clock here has seven digits of a second; finer digits change nothing that is read.
        var match = Rfc3339().Match(text);
        var finer = match.Groups["finer"];
        return match.Success && DateTimeOffset.TryParse(
            text.Remove(finer.Index, finer.Length), CultureInfo.InvariantCulture, styles, out var instant)
            ? instant
            : null;
    }

    /// <summary>A parameter as it was sent, or null.</summary>
    public static string? Text(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>The problem that a parameter is wrong.</summary>
    public static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-query", detail);

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,7}(?<finer>\d*))?([Zz]|[+-]\d{2}:\d{2})\z")]
    private static partial Regex Rfc3339();
}
