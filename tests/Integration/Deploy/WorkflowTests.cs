using System.Text.RegularExpressions;
using Granary.Tests.Unit.Tidy;

namespace Granary.Tests.Integration;

/// <summary>The workflows of CI and of a release: what they may do, and that they show no secret.</summary>
public sealed partial class WorkflowTests
{
    private const string Folder = ".github/workflows";

    public static TheoryData<string> Files => new("ci.yml", "release.yml");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_job_has_the_rights_that_it_names_and_a_limit_of_time(string file)
    {
        var workflow = Read(file);
        var permissions = Map(workflow["permissions"]);
        Assert.True(permissions.Values.All(static right => (string)right == "read"));
        Assert.All(Jobs(workflow), job =>
        {
            Assert.Contains("timeout-minutes", job.Value.Keys);
            if (permissions.Count == 0) Assert.Contains("permissions", job.Value.Keys);
        });
    }

    [Fact]
    public void Only_what_publishes_may_write() => Assert.Equal(
        [
            "image: attestations, id-token, packages", "packages: id-token",
            "release: attestations, contents, id-token",
        ],
        from job in Jobs(Read("release.yml"))
        let written = Map(job.Value["permissions"]).Where(static one => (string)one.Value == "write")
            .Select(static one => (string)one.Key).Order().ToArray()
        where written.Length > 0
        orderby job.Key
        select $"{job.Key}: {string.Join(", ", written)}");

    [Fact]
    public void Nothing_is_published_before_the_tests_have_passed()
    {
        var jobs = Jobs(Read("release.yml"));
        Assert.Contains(".ci/run", Steps(jobs["build"]).Select(static step => step.GetValueOrDefault("run")));
        Assert.Contains(".ci/compose", Steps(jobs["compose"]).Select(static step => step.GetValueOrDefault("run")));
        foreach (var publishing in new[] { "packages", "image" })
            Assert.Equal(["build", "compose"], ((List<object>)jobs[publishing]["needs"]).Cast<string>());
        Assert.Equal(["packages", "image"], ((List<object>)jobs["release"]["needs"]).Cast<string>());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Actions_have_a_major_version_and_scripts_hold_no_expression(string file)
    {
        foreach (var step in Jobs(Read(file)).Values.SelectMany(Steps))
        {
            if (step.TryGetValue("uses", out var action)) Assert.Matches(@"^[\w-]+/[\w-]+@v\d+$", (string)action);

            // An expression in a script is text that others may write; a secret there may be in the log.
            if (step.TryGetValue("run", out var script)) Assert.DoesNotContain("${{", (string)script);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Programs_of_the_repository_that_are_run_exist(string file)
    {
        var programs = Jobs(Read(file)).Values.SelectMany(Steps)
            .Select(static step => step.GetValueOrDefault("run") as string ?? "")
            .SelectMany(static script => Program().Matches(script)).Select(static one => one.Value).ToArray();
        Assert.NotEmpty(programs);
        Assert.All(programs, static one => Assert.True(File.Exists(Path.Combine(RepositoryTree.Root, one)), one));
    }

    private static Dictionary<string, object> Read(string file) =>
        ComposeFile.Parse<Dictionary<string, object>>(RepositoryTree.Read($"{Folder}/{file}"));

    private static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;

    private static Dictionary<string, Dictionary<object, object>> Jobs(Dictionary<string, object> workflow) =>
        Map(workflow["jobs"]).ToDictionary(static one => (string)one.Key, static one => Map(one.Value));

    private static IEnumerable<Dictionary<object, object>> Steps(Dictionary<object, object> job) =>
        ((List<object>)job["steps"]).Select(Map);

    [GeneratedRegex(@"(?<![\w/])\.ci/\w+")]
    private static partial Regex Program();
}
