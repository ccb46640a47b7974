using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Integration;

/// <summary>A row that was changed with SQL is reported over HTTP, and none that was not.</summary>
public sealed class DriftOverHttpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_was_changed_with_SQL_is_reported_until_the_projection_is_built_anew()
    {
        using var data = new TempFolder();
        await using var silo = await SiloProcess.StartAsync(
            data.Path, "--Granary:TruthCheck:IntervalMs=100", "--Granary:TruthCheck:KeysMax=20");
        var api = silo.Api;
        for (var i = 0; i < 8; i++)
        {
            (await api.PostAsync(
                $"/api/accounts/a{i}", new JsonObject { ["owner"] = "Ada", ["currency"] = "EUR" }))
                .Is(HttpStatusCode.Created);
            await DepositAsync(api, i);
        }

        // While events arrive the untouched rows are checked, and none is reported.
        await UntilAsync(async () =>
        {
            for (var i = 0; i < 8; i++) await DepositAsync(api, i);
            return (long)(await CheckAsync(api))["checked"]! >= 100;
        });
        var clean = await CheckAsync(api);
        Assert.Equal(0, (int)clean["drifted"]!);
        (await api.GetAsync("/health/readers")).Is(HttpStatusCode.OK);

        Execute(data.Path, "update balances_v1 set document = json_set(document, '$.owner', 'Eve') where key = 'a3'");
        await UntilAsync(async () => (int)(await CheckAsync(api))["drifted"]! > 0);
        Assert.Equal(["a3"], (await CheckAsync(api))["driftedKeys"]!.AsArray().Select(static one => (string?)one));
        var health = await api.GetAsync("/health/readers");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.Status);
        Assert.Contains("granary_projection_drift", (await api.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        await UntilAsync(async () => (await api.GetAsync("/metrics")).Text.Split('\n').Any(static one =>
            one.StartsWith("granary_projection_drift", StringComparison.Ordinal)
            && one.Contains("\"balances\"", StringComparison.Ordinal)
            && one.Split(' ')[^2..].Contains("1")));
        Assert.Contains("The model a3 of balances", silo.Output, StringComparison.Ordinal);

        (await api.SendAsync(HttpMethod.Post, "/api/projections/balances/rebuild?publish=true", null))
            .Is(HttpStatusCode.Accepted);
        await UntilAsync(async () =>
        {
            var check = await CheckAsync(api);
            return (int)check["drifted"]! == 0 && (long)check["checked"]! > 0;
        });
        await UntilAsync(async () => (await api.GetAsync("/health/readers")).Status == HttpStatusCode.OK);
        Assert.Equal("Ada", (string?)(await api.GetAsync("/api/models/balances/a3")).Json["model"]!["owner"]);
    }

    [Fact]
    public async Task A_projection_with_keys_of_its_own_says_that_it_is_not_checked()
    {
        using var data = new TempFolder();
        await using var silo = await SiloProcess.StartAsync(data.Path);
        var shown = (await silo.Api.GetAsync("/api/projections/statements")).Is(HttpStatusCode.OK).Json;
        Assert.Contains(
            "declares the keys", (string?)shown["truthCheck"]!["notChecked"], StringComparison.Ordinal);
        Assert.False((bool)shown["live"]!);
    }

    private static async Task DepositAsync(Api api, int account) =>
        (await api.PostAsync(
            $"/api/accounts/a{account}/deposits", new JsonObject { ["amount"] = 1, ["currency"] = "EUR" }))
        .Is(HttpStatusCode.OK);

    private static async Task<JsonNode> CheckAsync(Api api) =>
        (await api.GetAsync("/api/projections/balances")).Is(HttpStatusCode.OK).Json["truthCheck"]!;

    private static void Execute(string folder, string sql)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(folder, "granary-models.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "pragma busy_timeout = 10000; " + sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (!await isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
