using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The shipped silo with its events in PostgreSQL.</summary>
public sealed class PostgresSiloTests : IDisposable
{
    private const string Secret = "not-to-be-seen";

    private readonly TempFolder _data = new();
    private readonly string _schema = $"test_{Uuid7.New(TimeProvider.System):n}";

    [Fact]
    public async Task Events_are_in_the_database_when_the_silo_comes_back_and_its_password_nowhere()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        string[] arguments = ["--Granary:Store=postgres", $"--Granary:Postgres:Schema={_schema}"];
        (string, string)[] environment =
        [
            ("Granary__Postgres__ConnectionString", $"{PostgresServer.ConnectionString};Password={Secret}"),
        ];
        var folder = Path.Combine(_data.Path, "unused");
        await using (var silo = await SiloProcess.StartAsync(folder, environment, arguments))
        {
            (await silo.Api.PostAsync("/api/streams/orders/1", Events.Numbered(3))).Is(HttpStatusCode.Created);
            Assert.Contains($"PostgreSQL, schema {_schema}", silo.Output, StringComparison.Ordinal);
            await silo.KillAsync();
            Assert.DoesNotContain(Secret, silo.Output, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder));
        await using var again = await SiloProcess.StartAsync(folder, environment, arguments);
        Assert.Equal(3, (await again.Api.PagesAsync("/api/streams/orders/1/events")).Count);
        await again.StopAsync();
        Assert.Equal(0, again.ExitCode);
    }

    [Theory]
    [InlineData(2, "Granary:Postgres:ConnectionString")]
    [InlineData(2, "Granary:Postgres:ConnectionString", "--Granary:Postgres:ConnectionString=Passwort=" + Secret)]
    [InlineData(2, "Granary:Postgres:Schema",
        "--Granary:Postgres:ConnectionString=Host=127.0.0.1", "--Granary:Postgres:Schema=a b")]
    [InlineData(1, "127.0.0.1:1",
        "--Granary:Postgres:ConnectionString=Host=127.0.0.1;Port=1;Username=u;Password=" + Secret)]
    [InlineData(2, "Granary:Store", "--Granary:Store=mysql")]
    [InlineData(2, "Granary:Store", "--Granary:Store=Host=127.0.0.1;Password=" + Secret)]
    [InlineData(2, "Granary:Postgres:ConnectionString",
        "--Granary:Store=sqlite", "--Granary:Postgres:ConnectionString=Host=127.0.0.1;Password=" + Secret)]
    [InlineData(2, "Granary:Postgres:ConnectionString",
        "--Granary:Postgres:ConnectionString=Database=g;Password=" + Secret)]
    [InlineData(2, "Granary:Postgres:ConnectionString",
        "--Granary:Postgres:ConnectionString=Host=127.0.0.1;Target Session Attributes=primary;Password=" + Secret)]
    public async Task A_wrong_setting_stops_the_start_and_is_named(
        int exitCode, string named, params string[] arguments)
    {
        var isGiven = arguments.Any(static one => one.StartsWith("--Granary:Store=", StringComparison.Ordinal));
        string[] store = isGiven ? [] : ["--Granary:Store=postgres"];
        await using var silo = SiloProcess.Launch(_data.Path, [.. store, .. arguments]);
        await silo.ExitAsync();

        Assert.Equal(exitCode, silo.ExitCode);
        Assert.Contains(named, silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_has_no_backup_in_a_file()
    {
        var (exitCode, output) = await SiloProcess.RunAsync(
            $"--backup={Path.Combine(_data.Path, "copy.db")}", "--Granary:Store=postgres",
            "--Granary:Postgres:ConnectionString=Host=127.0.0.1");

        Assert.Equal(2, exitCode);
        Assert.Contains("pg_dump", output, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();
}
