using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// However often a silo is killed, the models equal what the log holds: no event is missing or counted twice.
/// </summary>
public sealed class ModelCrashTests : IDisposable
{
    private const int Kills = 20;
    private const int Accounts = 10;
    private const int MovesPerRoundMax = 120;

    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_equal_the_log_after_every_kill()
    {
        var random = new Random(Randomness.Seed("model crash rounds"));
        var silo = await SiloProcess.StartAsync(_data.Path);
        try
        {
            for (var at = 0; at < Accounts; at++)
                (await silo.Api.PostAsync($"/api/accounts/a{at}", """{"owner":"Ada","currency":"EUR"}"""))
                    .Is(HttpStatusCode.Created);
            for (var round = 0; round < Kills; round++)
            {
                var moved = new SemaphoreSlim(0);
                var moves = Enumerable.Range(0, Accounts).Select(at => MoveAsync(silo.Api, at, moved)).ToArray();
                for (var count = random.Next(1, MovesPerRoundMax); count > 0; count--)
                    Assert.True(await moved.WaitAsync(TimeSpan.FromMinutes(1), Token));
                await silo.KillAsync();
                await Task.WhenAll(moves);
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(_data.Path);
                await CheckAsync(silo.Api);
            }
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    public void Dispose() => _data.Dispose();

    // Until the silo is gone.
    private static async Task MoveAsync(Api api, int account, SemaphoreSlim moved)
    {
        try
        {
            while (true)
            {
                var answer = await api.PostAsync(
                    $"/api/accounts/a{account}/deposits", """{"amount":1.50,"currency":"EUR"}""");
                answer.Is(HttpStatusCode.OK);
                moved.Release();
            }
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
    }

    private static async Task CheckAsync(Api api)
    {
        var end = (await api.PagesAsync("/api/log"))[^1];
        var read = await api.GetAsync(
            "/api/models/balances?wait=60", ("Granary-Min-Position", $"{end["partition"]}:{end["position"]}"));
        var models = read.Is(HttpStatusCode.OK).Json["models"]!.AsArray();
        Assert.Equal(Accounts, models.Count);
        foreach (var one in models)
        {
            var account = (await api.GetAsync($"/api/accounts/{one!["key"]}")).Is(HttpStatusCode.OK).Json;
            Assert.Equal((decimal)account["balance"]!, (decimal)one["model"]!["balance"]!);
            Assert.Equal((long)account["version"]!, (long)one["model"]!["entries"]!);
        }

        await CheckStatementsAsync(api, models);
    }

    private static async Task CheckStatementsAsync(Api api, JsonArray balances)
    {
        var end = (await api.PagesAsync("/api/log"))[^1];
        var sums = new Dictionary<string, decimal>();
        string? after = null;
        do
        {
            var page = (await api.GetAsync(
                "/api/models/statements?wait=60&limit=1000" + (after is null ? "" : $"&after={after}"),
                ("Granary-Min-Position", $"{end["partition"]}:{end["position"]}"))).Is(HttpStatusCode.OK).Json;
            foreach (var line in page["models"]!.AsArray().Select(static one => one!["model"]!))
            {
                var account = (string)line["account"]!;
                sums[account] = sums.GetValueOrDefault(account) + (decimal)line["amount"]!;
            }

            after = (string?)page["next"];
        }
        while (after is not null);
        foreach (var one in balances)
            Assert.Equal(
                (decimal)one!["model"]!["balance"]!, sums.GetValueOrDefault((string)one["key"]!));
    }
}
