using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>The command line cannot be understood; the message says what is wrong.</summary>
internal sealed class ArgumentsException(string message) : Exception(message);

/// <summary>Reads a command's words one after another.</summary>
internal sealed class Options(string[] words)
{
    private int _at;

    public bool TryNext(out string word)
    {
        word = _at < words.Length ? words[_at++] : "";
        return word.Length > 0;
    }

    /// <summary>The value that stands behind an option.</summary>
    public string Value(string option) =>
        TryNext(out var value) && !value.StartsWith("--", StringComparison.Ordinal)
            ? value
            : throw new ArgumentsException($"{option} wants a value behind it.");

    public int Number(string option, int least, int most)
    {
        var text = Value(option);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw new ArgumentsException($"{option} wants a whole number from {least} to {most}, not '{text}'.");
    }

    /// <summary>A file to be written at the end of a long run: better told now that it cannot be.</summary>
    public string File(string option)
    {
        var path = Path.GetFullPath(Value(option));
        return Directory.Exists(Path.GetDirectoryName(path))
            ? path
            : throw new ArgumentsException($"{option}: there is no folder {Path.GetDirectoryName(path)}.");
    }

    public static ArgumentsException Unknown(string word) => new($"'{word}' is not understood here.");
}
