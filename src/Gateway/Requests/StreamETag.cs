using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Granary.Gateway;

/// <summary>
/// The ETag of a stream: its version and the position of the event of that version, as in <c>"7-42"</c>. The position
/// differs between a stream and its next generation, after it was cleared and written again.
/// </summary>
internal static class StreamETag
{
    /// <summary>The ETag, in quotes.</summary>
    public static string Of(StreamVersion version, LogPosition position) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{version.Value}-{position.Position.Value}\"");

    /// <summary>What <c>"7-42"</c> or <c>"7"</c> expects, or null where it is neither.</summary>
    public static ExpectedVersion? TryParse(StringSegment tag)
    {
        return tag.AsSpan() is ['"', .. var text, '"'] ? TryParseText(text) : null;
    }

    /// <summary>What <c>7-42</c> or <c>7</c> expects, or null where it is neither.</summary>
    public static ExpectedVersion? TryParseText(ReadOnlySpan<char> text)
    {
        var dash = text.IndexOf('-');
        if (dash < 0) return Number(text) is { } alone ? ExpectedVersion.Exactly(new StreamVersion(alone)) : null;
        if (Number(text[..dash]) is not { } version || Number(text[(dash + 1)..]) is not { } position) return null;
        // An event has a position from 1. Without one the condition would be met by every generation.
        return position > 0 && version > 0
            ? ExpectedVersion.Exactly(new StreamVersion(version), new GlobalPosition(position))
            : null;
    }

    // A number is written in one way only.
    private static long? Number(ReadOnlySpan<char> digits) =>
        (digits is not ['0', _, ..])
        && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
