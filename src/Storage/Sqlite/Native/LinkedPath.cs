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

        // Where a link leads up, it leads up from where the links before it lead; on Windows from their names.
        var name = Path.GetFileName(full);
        if (name is "" or ".") return folder;
        if (name is "..") return Path.GetDirectoryName(folder) ?? folder;
        var here = Path.Combine(folder, name);
        if (new FileInfo(here).LinkTarget is not { } target) return here;
        if (++links > LinksMax) throw new IOException($"{full} has links that lead to each other.");
        var next = OperatingSystem.IsWindows() ? Path.GetFullPath(target, folder) : Path.Combine(folder, target);
        return Resolve(next, ref links);
    }
}
