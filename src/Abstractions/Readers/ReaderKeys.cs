using System.Globalization;

namespace Granary;

/// <summary>The keys of the grains that follow the log.</summary>
public static class ReaderKeys
{
    /// <summary>The key of an <see cref="IReaderGrain"/>: <c>partition/name</c>.</summary>
    public static string Of(string name, LogPartition partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{partition.Value}/{name}");

    /// <summary>Parses a key; false where it is none.</summary>
    public static bool TryParse(string key, out string name, out LogPartition partition)
    {
        var slash = key.IndexOf('/');
        (name, partition) = ("", default);
        if (slash < 1) return false;
        var digits = key.AsSpan(0, slash);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        (name, partition) = (key[(slash + 1)..], new LogPartition(number));
        return name.Length > 0;
    }
}
