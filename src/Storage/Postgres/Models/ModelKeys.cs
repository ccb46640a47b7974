using System.Text;

namespace Granary.Storage.Postgres;

/// <summary>
/// How the keys of models are stored: as text, for people, in which U+0000 cannot be. U+0000 and U+0001 become two
/// characters each that begin with U+0001, so that the order of the keys stays what it is.
/// </summary>
internal static class ModelKeys
{
    private const char Escape = '\u0001';

    public static string Store(string key)
    {
        if (key.AsSpan().IndexOfAny('\0', Escape) < 0) return key;
        var stored = new StringBuilder(key.Length + 8);
        foreach (var one in key)
        {
            if (one > Escape) stored.Append(one);
            else stored.Append(Escape).Append((char)(one + 1));
        }

        return stored.ToString();
    }

    public static string Read(string stored)
    {
        if (!stored.Contains(Escape, StringComparison.Ordinal)) return stored;
        var key = new StringBuilder(stored.Length);
        for (var at = 0; at < stored.Length; at++)
            key.Append(stored[at] == Escape ? (char)(stored[++at] - 1) : stored[at]);
        return key.ToString();
    }

    /// <summary>What a key is compared with: no key has a lone surrogate, and none has UTF-8.</summary>
    public static string Compared(string text) => Store(Names.Text(Names.Bytes(text)));
}
