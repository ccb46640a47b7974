using System.Xml.Linq;

namespace Granary.Tests.Unit.Tidy;

public sealed class SettingsTests
{
    // A command is run and not referenced.
    private const string Tool = "src/Cli";

    // Its public members are tests.
    private const string ConformanceSuite = "src/Testing.Conformance";

    private static readonly string[] RootWords =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE.md"];

    [Theory]
    [InlineData("TreatWarningsAsErrors", "true")]
    [InlineData("GenerateDocumentationFile", "true")]
    [InlineData("Nullable", "enable")]
    [InlineData("EnforceCodeStyleInBuild", "true")]
    [InlineData("AnalysisLevel", "latest")]
    [InlineData("Deterministic", "true")]
    public void The_root_settings_hold_for_every_project_in_src(string setting, string value)
    {
        var root = XDocument.Load(Path.Combine(RepositoryTree.Root, "Directory.Build.props"));

        var set = Assert.Single(root.Descendants(setting));
        Assert.Equal(value, set.Value);
        Assert.Null(set.Attribute("Condition"));
        RepositoryTree.AssertNone(RepositoryTree.Files("Directory.Build.props", "src"));
        RepositoryTree.AssertNone(
            from file in RepositoryTree.Files(".csproj", "src")
            where XDocument.Load(Path.Combine(RepositoryTree.Root, file)).Descendants(setting).Any()
            select $"{file} sets {setting}");
    }

    [Fact]
    public void Warnings_are_errors_in_tests_too() => RepositoryTree.AssertNone(
        from file in ProjectFiles().Where(file => file != "Directory.Build.props")
        where RepositoryTree.Read(file).Contains("TreatWarningsAsErrors", StringComparison.Ordinal)
        select file);

    [Fact]
    public void The_banned_calls_are_wired_to_every_project()
    {
        var root = RepositoryTree.Read("Directory.Build.props");
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", root, StringComparison.Ordinal);
        Assert.Contains("$(MSBuildThisFileDirectory)BannedSymbols.txt", root, StringComparison.Ordinal);
        Assert.Contains("RS0030.severity = error", RepositoryTree.Read(".editorconfig"), StringComparison.Ordinal);

        var banned = RepositoryTree.Read("BannedSymbols.txt");
        Assert.All(
            [
                "System.DateTime.UtcNow", "System.DateTimeOffset.UtcNow", "System.Threading.Thread.Sleep",
                "System.Guid.NewGuid",
            ],
            call => Assert.Contains(call, banned, StringComparison.Ordinal));
    }

    [Fact]
    public void The_public_api_of_every_package_is_listed()
    {
        var packages = RepositoryTree.Files(".csproj", "src")
            .Where(file => RepositoryTree.Read(file).Contains("<IsPackable>true", StringComparison.Ordinal))
            .Select(file => Path.GetDirectoryName(file)!.Replace('\\', '/'))
            .Except([Tool, ConformanceSuite])
            .ToArray();

        Assert.NotEmpty(packages);
        Assert.Equal(
            [Tool, ConformanceSuite],
            RepositoryTree.Projects("src")
                .Where(file => RepositoryTree.Read(file).Contains("ListPublicApi", StringComparison.Ordinal))
                .Select(file => Path.GetDirectoryName(file)!.Replace('\\', '/')));
        Assert.Contains(
            "Microsoft.CodeAnalysis.PublicApiAnalyzers",
            RepositoryTree.Read("Directory.Build.props"),
            StringComparison.Ordinal);
        RepositoryTree.AssertNone(packages.Select(folder => $"{folder}/PublicAPI.Unshipped.txt")
            .Except(RepositoryTree.Files("PublicAPI.Unshipped.txt", "src")));
    }

    [Fact]
    public void No_warning_is_silenced_in_code()
    {
        // In two pieces, so that this file does not find itself.
        const string pragma = "#pragma " + "warning disable";

        RepositoryTree.AssertNone(
            from file in RepositoryTree.Files(".cs")
            where RepositoryTree.Read(file).Contains(pragma, StringComparison.Ordinal)
            select file);
        RepositoryTree.AssertNone(
            from file in ProjectFiles()
            from word in new[] { "<NoWarn", "<WarningsNotAsErrors" }
            where RepositoryTree.Read(file).Contains(word, StringComparison.Ordinal)
            select $"{file}: {word}");
    }

    [Fact]
    public void Versions_of_packages_are_in_one_file() => RepositoryTree.AssertNone(
        from file in RepositoryTree.Projects()
        from package in XDocument.Load(Path.Combine(RepositoryTree.Root, file)).Descendants("PackageReference")
        where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null
        select $"{file}: {package.Attribute("Include")?.Value}");

    [Fact]
    public void No_plans_or_reports_lie_in_the_root() => RepositoryTree.AssertNone(
        Directory.EnumerateFiles(RepositoryTree.Root, "*.md").Select(Path.GetFileName).Except(RootWords));

    private static IEnumerable<string> ProjectFiles() =>
        RepositoryTree.Projects()
            .Concat(RepositoryTree.Files(".props").Where(file => !RepositoryTree.IsBuiltOutside(file)));
}
