using System.Xml.Linq;

namespace Granary.Tests.Unit.Tidy;

public sealed class ReferenceTests
{
    private const string Stores = "Storage/";

    // Who may reference whom, directly or through others. A store is known by its folder.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Abstractions"] = [],
        ["Runtime"] = ["Abstractions"],
        ["Contracts"] = ["Abstractions"],
        ["Grains"] = ["Contracts", "Runtime", "Abstractions"],
        ["Client"] = ["Contracts", "Abstractions"],
        ["Gateway"] = ["Client", "Contracts", "Abstractions"],
        ["Cli"] = ["Grains", "Contracts", "Runtime", "Abstractions", Stores],
        ["Testing"] = ["Client", "Contracts", "Grains", "Runtime", "Abstractions"],
        ["Testing.Conformance"] = ["Testing", "Client", "Contracts", "Grains", "Runtime", "Abstractions"],
        ["Silo"] = ["Gateway", "Client", "Grains", "Contracts", "Runtime", "Abstractions", Stores],
    };

    [Fact]
    public void References_point_one_way() => RepositoryTree.AssertNone(
        from project in Projects()
        from reference in Closure(project)
        where !IsAllowed(project, reference)
        select $"{project} references {reference}");

    [Fact]
    public void Every_project_in_src_has_its_rules() => Assert.All(
        Projects(), project => Assert.True(IsStore(project) || Allowed.ContainsKey(project), project));

    [Fact]
    public void Every_project_is_in_the_solution_and_has_a_branded_name()
    {
        var solution = RepositoryTree.Read("Orleans.EventSourcing.sln").Replace('\\', '/');

        Assert.All(RepositoryTree.Projects(), file =>
        {
            Assert.Contains(file, solution, StringComparison.Ordinal);
            Assert.StartsWith("Granary.", Path.GetFileName(file), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Client", "Grains", false)]
    [InlineData("Storage/Sqlite", "Storage/Postgres", false)]
    [InlineData("Storage/Sqlite", "Runtime", false)]
    [InlineData("Runtime", "Silo", false)]
    [InlineData("Storage/Sqlite", "Abstractions", true)]
    [InlineData("Silo", "Storage/Sqlite", true)]
    public void The_rules_are_those_of_the_design(string from, string to, bool allowed) =>
        Assert.Equal(allowed, IsAllowed(from, to));

    private static bool IsStore(string project) => project.StartsWith(Stores, StringComparison.Ordinal);

    private static bool IsAllowed(string from, string to) => IsStore(from)
        ? to == "Abstractions"
        : Allowed.TryGetValue(from, out var allowed) && allowed.Contains(IsStore(to) ? Stores : to);

    // A project by its folder under src, as in "Storage/Sqlite".
    private static IEnumerable<string> Projects() =>
        RepositoryTree.Files(".csproj", "src")
            .Select(file => Path.GetDirectoryName(file)!.Replace('\\', '/')["src/".Length..]);

    private static HashSet<string> Closure(string project)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>(References(project));
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;
            foreach (var further in References(next)) open.Push(further);
        }

        return seen;
    }

    private static IEnumerable<string> References(string project)
    {
        var folder = Path.Combine(RepositoryTree.Root, "src", project);
        var file = Directory.GetFiles(folder, "*.csproj").Single();
        var src = Path.Combine(RepositoryTree.Root, "src");
        return XDocument.Load(file).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'))
            .Select(include => Path.GetFullPath(Path.GetDirectoryName(include)!, folder))
            .Select(path => Path.GetRelativePath(src, path).Replace('\\', '/'));
    }
}
