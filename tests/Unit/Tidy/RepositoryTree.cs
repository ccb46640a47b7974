namespace Granary.Tests.Unit.Tidy;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static class RepositoryTree
{
    private static readonly string[] NotOurs =
        ["bin", "obj", "artifacts", "TestResults", "granary-data", "node_modules"];

    private static readonly string[] BuiltOutside = ["templates/granary/", "tests/Packages/"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// All files with an ending, as paths from the root with forward slashes; build output and test data aside.
    /// </summary>
    public static IReadOnlyList<string> Files(string ending, string under = "")
    {
        var found = new List<string>();
        Collect(new DirectoryInfo(Path.Combine(Root, under)), ending, found);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>
    /// The projects, those aside that reference packages and are built outside the repository: they follow none of its
    /// settings.
    /// </summary>
    public static IReadOnlyList<string> Projects(string under = "") =>
        [.. Files(".csproj", under).Where(file => !IsBuiltOutside(file))];

    /// <summary>Whether a file is the template's or belongs to what is built of the packages alone.</summary>
    public static bool IsBuiltOutside(string file) =>
        BuiltOutside.Any(folder => file.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The text of a file named from the root.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>The lines of a file named from the root.</summary>
    public static string[] ReadLines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    /// <summary>
    /// Fails with every finding on a line of its own: a shortened list would not help to fix them.
    /// </summary>
    public static void AssertNone(IEnumerable<string?> findings)
    {
        var all = findings.ToArray();
        Assert.True(all.Length == 0, $"{all.Length} found:\n  {string.Join("\n  ", all)}");
    }

    private static void Collect(DirectoryInfo folder, string ending, List<string> found)
    {
        found.AddRange(folder.EnumerateFiles()
            .Where(file => file.Name.EndsWith(ending, StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/')));
        foreach (var inner in folder.EnumerateDirectories().Where(IsOurs)) Collect(inner, ending, found);
    }

    private static bool IsOurs(DirectoryInfo folder) =>
        !folder.Name.StartsWith('.')
        && !NotOurs.Contains(folder.Name)
        && Path.GetRelativePath(Root, folder.FullName).Replace('\\', '/') != "tests/Integration/Data";

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.EventSourcing.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new DirectoryNotFoundException("No folder above the tests holds Orleans.EventSourcing.sln.");
    }
}
