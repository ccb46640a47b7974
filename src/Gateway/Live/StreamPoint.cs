using System.Globalization;

namespace Granary.Gateway;

/// <summary>
/// How far a stream was read: the version of the last event and its position in the log, as in <c>7-42</c>. Version 0
/// is before the first event, of what the stream holds after that position.
/// </summary>
internal readonly record struct StreamPoint(StreamVersion Version, GlobalPosition Position)
{
    /// <summary>Before the first event that the stream holds.</summary>
    public static StreamPoint Start => default;

    public static StreamPoint Of(RecordedEvent recorded) => new(recorded.Version, recorded.Position.Position);

    /// <summary>Reads <c>7-42</c>, or returns null.</summary>
    public static StreamPoint? TryParse(string text)
    {
        var dash = text.IndexOf('-');
        return dash > 0 && Number(text.AsSpan(0, dash)) is { } version
            && Number(text.AsSpan(dash + 1)) is { } position && (version == 0 || position > 0)
            ? new(new(version), new(position))
            : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version.Value}-{Position.Value}");

    private static long? Number(ReadOnlySpan<char> digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
