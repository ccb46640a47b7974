using System.Globalization;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The shipped silo with its events and models in a storage account.</summary>
public sealed class AzureSiloTests : IDisposable
{
    private const string Secret = "bm90LXRvLWJlLXNlZW4=";

    private readonly TempFolder _data = new();
    private readonly string _name = $"test{Uuid7.New(TimeProvider.System):n}";

    [Fact]
    public async Task Events_and_models_are_in_the_account_when_the_silo_comes_back_and_its_key_nowhere()
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        string[] arguments =
            ["--Granary:Store=azure", $"--Granary:Azure:Name={_name}", "--Granary:PartitionCount=2"];
        (string, string)[] environment = [("Granary__Azure__ConnectionString", AzuriteServer.ConnectionString)];
        var folder = Path.Combine(_data.Path, "unused");
        await using (var silo = await SiloProcess.StartAsync(folder, environment, arguments))
        {
            (await silo.Api.PostAsync("/api/streams/orders/1", Events.Numbered(3))).Is(HttpStatusCode.Created);
            (await silo.Api.PostAsync("/api/accounts/one", """{"owner":"Ada","currency":"EUR"}"""))
                .Is(HttpStatusCode.Created);
            (await DepositAsync(silo, 40)).Is(HttpStatusCode.OK);
            Assert.Contains($"Azure Storage, table {_name}", silo.Output, StringComparison.Ordinal);
            await silo.KillAsync();
            Assert.DoesNotContain(KeyOf(AzuriteServer.ConnectionString), silo.Output, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder));
        await using var again = await SiloProcess.StartAsync(folder, environment, arguments);
        Assert.Equal(3, (await again.Api.PagesAsync("/api/streams/orders/1/events")).Count);
        var deposited = (await DepositAsync(again, 2)).Is(HttpStatusCode.OK);
        var balance = (await again.Api.GetAsync(
            "/api/models/balances/one", ("Granary-Min-Position", deposited.Headers["Granary-Position"])))
            .Is(HttpStatusCode.OK);
        Assert.Contains("42", balance.Text, StringComparison.Ordinal);
        await again.StopAsync();
        Assert.Equal(0, again.ExitCode);
    }

    [Fact]
    public async Task A_silo_that_does_nothing_asks_the_account_for_little()
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        await using var silo = await SiloProcess.StartAsync(
            Path.Combine(_data.Path, "unused"),
            [("Granary__Azure__ConnectionString", AzuriteServer.ConnectionString)],
            ["--Granary:Store=azure", $"--Granary:Azure:Name={_name}"]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        // The ledger's five readers in 16 partitions, once all have begun. If each of them read by itself what is asked
        // of it, and the end of the log as often as it looks, these were 300 requests a second and never fewer.
        const int readers = 5 * 16, requests = 300, secondMax = 30;
        while ((await ReadMetricsAsync(silo, "granary_reader_parked")).Count < readers)
            patience.Token.ThrowIfCancellationRequested();
        double second;
        do
        {
            var (before, start) = (await CountRequestsAsync(silo), TimeProvider.System.GetTimestamp());
            while (await CountRequestsAsync(silo) - before < requests) patience.Token.ThrowIfCancellationRequested();
            second = requests / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        }
        while (second > secondMax);
    }

    [Theory]
    [InlineData(2, "Granary:Azure:ConnectionString")]
    [InlineData(2, "Granary:Azure:ConnectionString",
        "--Granary:Azure:ConnectionString=AccountNme=a;AccountKey=" + Secret)]
    [InlineData(2, "Granary:Azure:Name",
        "--Granary:Azure:ConnectionString=UseDevelopmentStorage=true", "--Granary:Azure:Name=A b")]
    [InlineData(1, "granary", "--Granary:Azure:RetryBudgetMs=1",
        "--Granary:Azure:ConnectionString=AccountName=a;TableEndpoint=http://127.0.0.1:1/a;"
        + "BlobEndpoint=http://127.0.0.1:1/a;AccountKey=" + Secret)]
    [InlineData(2, "Granary:Azure",
        "--Granary:Store=sqlite", "--Granary:Azure:ConnectionString=AccountName=a;AccountKey=" + Secret)]
    public async Task A_wrong_setting_stops_the_start_and_is_named(
        int exitCode, string named, params string[] arguments)
    {
        var isGiven = arguments.Any(static one => one.StartsWith("--Granary:Store=", StringComparison.Ordinal));
        string[] store = isGiven ? [] : ["--Granary:Store=azure"];
        await using var silo = SiloProcess.Launch(_data.Path, [.. store, .. arguments]);
        await silo.ExitAsync();

        Assert.Equal(exitCode, silo.ExitCode);
        Assert.Contains(named, silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_has_no_backup_in_a_file()
    {
        var (exitCode, output) = await SiloProcess.RunAsync(
            $"--backup={Path.Combine(_data.Path, "copy.db")}", "--Granary:Store=azure",
            "--Granary:Azure:ConnectionString=UseDevelopmentStorage=true");

        Assert.Equal(2, exitCode);
        Assert.Contains("granary copy", output, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();

    private static async Task<double> CountRequestsAsync(SiloProcess silo) =>
        (await ReadMetricsAsync(silo, "granary_azure_requests")).Sum();

    private static async Task<List<double>> ReadMetricsAsync(SiloProcess silo, string name)
    {
        var lines = (await silo.Api.GetAsync("/metrics")).Is(HttpStatusCode.OK).Text.Split('\n');
        return
        [
            .. lines.Where(one => one.StartsWith(name, StringComparison.Ordinal))
                .Select(static one => double.Parse(one.Split(' ')[1], CultureInfo.InvariantCulture)),
        ];
    }

    private static string KeyOf(string connectionString) => connectionString.Split("AccountKey=")[1].Split(';')[0];

    private static Task<Answer> DepositAsync(SiloProcess silo, int amount) => silo.Api.PostAsync(
        "/api/accounts/one/deposits", $$"""{"amount":{{amount}},"currency":"EUR"}""");
}
