using System.Buffers;
using System.Globalization;
using System.Text;

namespace Granary.Cli;

/// <summary>
/// Text as a terminal may get it. What is stored may hold sequences that move the cursor, change the title, or reverse
/// the direction of writing.
/// </summary>
internal static class Shown
{
    /// <summary>Text with its control and format characters written as <c>\u0000</c>.</summary>
    public static string Text(string text)
    {
        if (!text.Any(IsHidden)) return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var one in text)
        {
            if (IsHidden(one)) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
            else shown.Append(one);
        }

        return shown.ToString();
    }

    /// <summary>
    /// A line of JSON in UTF-8. Such characters are within its texts, where an escape means the same.
    /// </summary>
    public static ReadOnlyMemory<byte> Json(ReadOnlyMemory<byte> line)
    {
        if (line.Span.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0) return line;
        var end = line.Span.EndsWith("\n"u8) ? 1 : 0;
        var shown = Text(Encoding.UTF8.GetString(line.Span[..^end]));
        var buffer = new ArrayBufferWriter<byte>(shown.Length + end);
        Encoding.UTF8.GetBytes(shown, buffer);
        if (end > 0) buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static bool IsHidden(char one) => (char.IsControl(one) && one != '\t')
        || CharUnicodeInfo.GetUnicodeCategory(one) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
}
