using System.IO.Compression;
using System.Xml.Linq;

namespace Consumer;

/// <summary>What each package has to hold beside its assembly.</summary>
internal static class PackageContents
{
    private static readonly string[] Libraries =
    [
        "Granary.Abstractions", "Granary.Client", "Granary.Contracts", "Granary.Gateway", "Granary.Grains",
        "Granary.Runtime", "Granary.Storage.AzureStorage", "Granary.Storage.Postgres", "Granary.Storage.Sqlite",
        "Granary.Testing", "Granary.Testing.Conformance",
    ];

    private const string Tool = "Granary.Cli";

    public static void Check(string folder)
    {
        var found = Names(folder, ".nupkg");
        Expect.Equal("packages", Join([.. Libraries, Tool, "Granary.Templates"]), Join(found.Keys));
        Expect.Equal("symbol packages", Join(Libraries), Join(Names(folder, ".snupkg").Keys));
        foreach (var (name, file) in found) CheckPackage(name, file);
    }

    private static void CheckPackage(string name, string file)
    {
        var entries = Entries(file);
        string[] expected = Libraries.Contains(name)
            ? ["README.md", "icon.png", "LICENSE", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"]
            : name == Tool
            ? ["README.md", "icon.png", "LICENSE", $"tools/net10.0/any/{name}.dll",
                "tools/net10.0/any/DotnetToolSettings.xml"]
            : ["README.md", "icon.png", "LICENSE", "content/granary/.template.config/template.json"];
        Expect.Equal($"missing in {name}", "", Join(expected.Except(entries)));

        var metadata = Nuspec(file).Root!.Elements().Single();
        string[] required = ["description", "authors", "license", "readme", "icon"];
        var stated = metadata.Elements().Select(one => one.Name.LocalName);
        Expect.Equal($"not stated by {name}", "", Join(required.Except(stated)));
        var repository = metadata.Elements().SingleOrDefault(one => one.Name.LocalName == "repository");
        Expect.Equal($"commit in {name}", 40, repository?.Attribute("commit")?.Value.Length ?? 0);
        if (!Libraries.Contains(name)) return;

        var symbols = Path.ChangeExtension(file, ".snupkg");
        Expect.Equal($"symbols of {name}", true, Entries(symbols).Contains($"lib/net10.0/{name}.pdb"));
    }

    private static Dictionary<string, string> Names(string folder, string ending) => Directory
        .EnumerateFiles(folder, "*" + ending).ToDictionary(file => Nuspec(file).Descendants()
            .Single(one => one.Name.LocalName == "id").Value);

    private static HashSet<string> Entries(string file)
    {
        using var archive = ZipFile.OpenRead(file);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static XDocument Nuspec(string file)
    {
        using var archive = ZipFile.OpenRead(file);
        var entry = archive.Entries.Single(one => one.FullName.EndsWith(".nuspec", StringComparison.Ordinal));
        using var stream = entry.Open();
        return XDocument.Load(stream);
    }

    private static string Join(IEnumerable<string> names) =>
        string.Join(' ', names.Order(StringComparer.Ordinal));
}
