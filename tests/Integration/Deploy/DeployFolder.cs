namespace Granary.Tests.Integration;

/// <summary>The folder deploy of the repository that the tests were built from.</summary>
internal static class DeployFolder
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Repository { get; } = Find();

    /// <summary>A folder or file in it.</summary>
    public static string Of(params string[] names) => Path.Combine([Repository, "deploy", .. names]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.EventSourcing.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new DirectoryNotFoundException("No folder above the tests holds Orleans.EventSourcing.sln.");
    }
}
