namespace Granary.Storage.Sqlite;

/// <summary>Follows the links of a path: the framework follows that of its last part alone.</summary>
internal static class LinkedPath
{
    // More than a system follows: they lead to each other.
    private const int LinksMax = 100;

    /// <summary>The path without links, whether or not there is a file.</summary>
    /// <exception cref="IOException">Its links lead to each other.</exception>
    public static string Resolve(string path)
    {
        var links = 0;
        return Resolve(Path.GetFullPath(path), ref links);
    }

    private static string Resolve(string full, ref int links)
    {
        if (Path.GetDirectoryName(full) is not { } above) return full;
        var folder = Resolve(above, ref links);
        var here = Path.Combine(folder, Path.GetFileName(full));
        if (new FileInfo(here).LinkTarget is not { } target) return here;
        if (++links > LinksMax) throw new IOException($"{full} has links that lead to each other.");
        return Resolve(Path.GetFullPath(target, folder), ref links);
    }
}
