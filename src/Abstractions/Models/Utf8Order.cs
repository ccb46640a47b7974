namespace Granary;

/// <summary>The order of texts by the bytes of their UTF-8: that of their code points, and not of UTF-16.</summary>
internal static class Utf8Order
{
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            var (one, other) = (left[i], right[i]);
            if (one == other) continue;
            // Surrogates stand for code points above all others, and come before U+E000 as UTF-16.
            if (char.IsSurrogate(one) != char.IsSurrogate(other)) return char.IsSurrogate(one) ? 1 : -1;
            return one.CompareTo(other);
        }

        return left.Length.CompareTo(right.Length);
    }
}
