namespace Granary.Silo;

/// <summary>Creates the folder of the data where there is none.</summary>
internal static class DataFolder
{
    /// <summary>Creates it for this user alone; a folder that is there keeps its permissions.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be created.</exception>
    public static void Create(string path)
    {
        if (Directory.Exists(path)) return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
