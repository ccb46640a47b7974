using System.Reflection;

namespace Granary.Tests.Unit.Tidy;

/// <summary>
/// What is public is deliberate: it is listed in <c>tests/Unit/PublicApi</c>, one file an assembly. To accept a change,
/// run <c>GRANARY_ACCEPT_API=1 dotnet run --project tests/Unit -- -class Granary.Tests.Unit.Tidy.PublicApiTests</c> and
/// commit what it wrote.
/// </summary>
public sealed class PublicApiTests
{
    private const string Folder = "tests/Unit/PublicApi";
    private const string Accept = "GRANARY_ACCEPT_API";

    public static TheoryData<string> Assemblies => new(OurAssemblies.All.Select(assembly => assembly.GetName().Name!));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void What_is_public_is_what_is_listed(string assembly)
    {
        var actual = ApiListing.Of(Assembly.Load(assembly));
        var file = Path.Combine(RepositoryTree.Root, Folder, assembly + ".txt");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        var listed = (File.Exists(file) ? File.ReadAllText(file) : "").ReplaceLineEndings("\n").Split('\n');
        var found = actual.Split('\n');
        Assert.True(
            listed.SequenceEqual(found),
            $"The public API of {assembly} is not the one listed in {Folder}/{assembly}.txt. If that is meant, "
            + $"run with {Accept}=1 and commit the file.\nadded:\n  {string.Join("\n  ", found.Except(listed))}\n"
            + $"removed:\n  {string.Join("\n  ", listed.Except(found))}");
    }

    [Fact]
    public void No_listing_is_left_of_an_assembly_that_is_gone() => RepositoryTree.AssertNone(
        RepositoryTree.Files(".txt", Folder)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Except(OurAssemblies.All.Select(assembly => assembly.GetName().Name!)));
}
