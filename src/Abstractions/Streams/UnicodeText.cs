using System.Text;

namespace Granary;

/// <summary>What text may be stored: a lone surrogate has no UTF-8, and two such texts would become one.</summary>
internal static class UnicodeText
{
    /// <summary>Whether a text holds no lone surrogate.</summary>
    public static bool IsWellFormed(string value)
    {
        for (var at = 0; at < value.Length;)
        {
            if (!Rune.TryGetRuneAt(value, at, out var rune)) return false;
            at += rune.Utf16SequenceLength;
        }

        return true;
    }
}
