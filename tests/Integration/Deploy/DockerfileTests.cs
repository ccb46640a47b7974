using System.Text.RegularExpressions;
using System.Xml.Linq;
using Granary.Silo;
using Granary.Tests.Unit.Tidy;

namespace Granary.Tests.Integration;

/// <summary>The shipped Dockerfile, as far as it can be checked without a container engine.</summary>
public sealed partial class DockerfileTests
{
    private const string Project = "src/Silo/Granary.Silo.csproj";

    // A line that ends in a backslash goes on in the next.
    private static readonly string[] Lines = [.. RepositoryTree.Read("deploy/docker/Dockerfile")
        .Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        .Select(static line => line.Trim()).Where(static line => line.Length > 0 && !line.StartsWith('#'))];

    [Fact]
    public void What_it_copies_exists_and_is_let_through()
    {
        var ignored = RepositoryTree.ReadLines(".dockerignore");
        var sources = CopiedFromHere().SelectMany(static words => words[..^1]).ToArray();
        Assert.NotEmpty(sources);
        Assert.All(sources, source =>
        {
            var folder = Path.Combine(RepositoryTree.Root, Path.GetDirectoryName(source)!);
            Assert.NotEmpty(Directory.GetFileSystemEntries(folder, Path.GetFileName(source) is { Length: > 0 } name
                ? name : "*"));
            Assert.Contains($"!{source.Split('/')[0]}", ignored);
        });
        Assert.Equal("*", ignored.First(static line => !line.StartsWith('#')));
    }

    [Fact]
    public void Every_project_that_the_silo_consists_of_is_restored_before_the_sources_are_copied()
    {
        var before = CopiedFromHere().SelectMany(static words => words[..^1])
            .Where(static source => source.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(static source => Path.GetDirectoryName(source)!);
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        Collect(Project, needed);
        Assert.True(needed.Count > 5);
        Assert.Equal(needed, before.Order(StringComparer.Ordinal));

        Assert.InRange(LineOf("RUN dotnet restore"), 0, LineOf("COPY src/ src/") - 1);
    }

    [Fact]
    public void It_runs_as_an_unprivileged_user_with_settings_that_there_are()
    {
        Assert.InRange(LineOf("USER $APP_UID"), 0, LineOf("ENTRYPOINT") - 1);
        Assert.Single(Lines, static line => line.StartsWith("USER ", StringComparison.Ordinal));
        var set = EnvironmentNames().Matches(string.Join('\n', Lines)).Select(static one => one.Value).ToArray();
        Assert.NotEmpty(set);
        Assert.All(set, static name => Assert.Null(
            Setting.Fault(name.Replace("__", ":", StringComparison.Ordinal))));
    }

    [Fact]
    public void Its_health_check_asks_whether_the_process_lives()
    {
        var check = Assert.Single(Lines, static line => line.StartsWith("HEALTHCHECK", StringComparison.Ordinal));
        var words = Quoted().Matches(check).Select(static one => one.Groups[1].Value).ToArray();
        Assert.Equal(["dotnet", "/app/Granary.Silo.dll"], words[..2]);
        var command = CommandLine.Parse(words[2..]);

        // Not whether it is ready: engines that start an unhealthy container again would make nothing better.
        Assert.Equal((CommandLine.Actions.Health, "live"), (command.Action, command.HealthQuestion));
    }

    private static IEnumerable<string[]> CopiedFromHere() =>
        from line in Lines
        where line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from=", StringComparison.Ordinal)
        select line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];

    private static int LineOf(string start) =>
        Array.FindIndex(Lines, line => line.StartsWith(start, StringComparison.Ordinal));

    private static void Collect(string project, SortedSet<string> folders)
    {
        var folder = Path.GetDirectoryName(project)!;
        if (!folders.Add(folder)) return;
        var root = RepositoryTree.Root;
        foreach (var reference in XDocument.Load(Path.Combine(root, project)).Descendants("ProjectReference"))
        {
            var other = Path.GetFullPath(Path.Combine(root, folder, reference.Attribute("Include")!.Value));
            Collect(Path.GetRelativePath(root, other), folders);
        }
    }

    [GeneratedRegex("Granary__[A-Za-z_]+(?==)")]
    private static partial Regex EnvironmentNames();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
