using Granary.Runtime;
using Granary.Storage.Postgres;
using Granary.Storage.Sqlite;

namespace Granary.Tests.Integration;

/// <summary>The command line: nothing is passed over, and help names every option.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--foo", "--foo")]
    [InlineData("--foo=1", "--foo")]
    [InlineData("foo", "foo")]
    [InlineData("Granary:SiloPort=1", "Granary:SiloPort")]
    [InlineData("-Granary:SiloPort=1", "-Granary:SiloPort")]
    [InlineData("/Granary:SiloPort=1", "/Granary:SiloPort")]
    [InlineData("--Granary:SiloPort", "--Granary:SiloPort")]
    [InlineData("--Granary:SiloPort --Granary:GatewayPort=7", "--Granary:SiloPort")]
    [InlineData("--Granary:SiloPrt=1", "--Granary:SiloPrt")]
    [InlineData("--Granary=1", "--Granary")]
    [InlineData("--Granary:Journal=1", "--Granary:Journal")]
    [InlineData("--Granary:SiloPort=1 --granary:siloport=2", "--granary:siloport")]
    [InlineData("--contentRoot=/", "--contentRoot")]
    [InlineData("--", "--")]
    [InlineData("--=1", "--")]
    [InlineData("-h x", "x")]
    public async Task An_argument_that_means_nothing_is_refused_by_name(string arguments, string named)
    {
        var (exitCode, output) = await SiloProcess.RunAsync(arguments.Split(' '));
        Assert.Equal(2, exitCode);
        Assert.Contains($" {named} ", output.Replace("'", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("--help", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_is_named_at_once()
    {
        var (exitCode, output) = await SiloProcess.RunAsync("--one=1", "two", "--Granary:SiloPort");
        Assert.Equal(2, exitCode);
        Assert.All(["--one", "two", "--Granary:SiloPort"],
            name => Assert.Contains(name, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-?")]
    public async Task Help_lists_every_option_with_its_description_and_default(string argument)
    {
        var (exitCode, output) = await SiloProcess.RunAsync(argument);
        Assert.Equal(0, exitCode);
        var help = string.Join(' ', output.Split((char[])[], StringSplitOptions.RemoveEmptyEntries));
        string[] options =
        [
            "--Granary:DataPath", "--Granary:Url", "--Granary:SiloPort", "--Granary:GatewayPort",
            "--Granary:PartitionCount", "--AllowedHosts", "--Logging:",
            .. Of<JournalOptions>("Journal"), .. Of<AppenderOptions>("Appender"), .. Of<SnapshotOptions>("Snapshots"),
            .. Of<TruthCheckOptions>("TruthCheck"),
            .. Of<SqliteStoreOptions>("Sqlite").Except(["--Granary:Sqlite:Path", "--Granary:Sqlite:PartitionCount"]),
            .. Of<PostgresStoreOptions>("Postgres").Except(["--Granary:Postgres:PartitionCount"]),
            "--Granary:Store=<sqlite|postgres|azure>",
        ];
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
        Assert.DoesNotContain("--Granary:Sqlite:Path", help, StringComparison.Ordinal);

        // A description with a unit, a range and a default, from the options' own documentation.
        Assert.Contains("How long a writer waits for another process's commit, in milliseconds.", help,
            StringComparison.Ordinal);
        Assert.Contains("(default 5000, 0 to 600000)", help, StringComparison.Ordinal);
        Assert.Contains("The folder of the data", help, StringComparison.Ordinal);
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", help, StringComparison.Ordinal);
        Assert.DoesNotContain("<c>", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_answered()
    {
        var (exitCode, output) = await SiloProcess.RunAsync("--version");
        Assert.Equal(0, exitCode);
        Assert.Matches(@"^Granary \d+\.\d+\.\d+", output);
    }

    [Fact]
    public async Task A_value_may_be_an_argument_of_its_own_and_names_have_no_case()
    {
        using var data = new TempFolder();
        await using var silo = await SiloProcess.StartAsync(
            data.Path, "--granary:partitioncount", "3", "--Granary:Sqlite:busytimeoutms=7");
        (await silo.Api.GetAsync("/api/log?partition=2")).Is(System.Net.HttpStatusCode.OK);
    }

    private static IEnumerable<string> Of<TOptions>(string group) =>
        typeof(TOptions).GetProperties().Where(static one => one.CanWrite)
            .Select(one => $"--Granary:{group}:{one.Name}");
}
