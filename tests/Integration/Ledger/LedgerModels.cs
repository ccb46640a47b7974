using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>The ledger's models as they are served, held against a fold of the log.</summary>
internal static class LedgerModels
{
    private static readonly string[] Projections = ["balances", "statements", "currency_totals", "open_transfers"];

    /// <summary>Waits until the models have the whole log, and checks that they equal its fold, row by row.</summary>
    public static async Task CheckAsync(LedgerHttp http, LedgerLog log)
    {
        var fold = new LedgerFold(log);
        AssertSame(fold.Balances, await ReadAsync(http, "balances", log.End, Account));
        AssertSame(fold.Statements, await ReadAsync(http, "statements", log.End, static row => new StatementRow(
            (string)row["model"]!["account"]!, (long)row["model"]!["version"]!, (decimal)row["model"]!["amount"]!)));
        AssertSame(fold.Totals, await ReadAsync(http, "currency_totals", log.End, static row => new TotalRow(
            (decimal)row["model"]!["amount"]!, (long)row["model"]!["accounts"]!)));
        AssertSame(fold.OpenTransfers, await ReadAsync(
            http, "open_transfers", log.End, static row => (string)row["model"]!["status"]!));
        foreach (var one in Projections) await CheckParkedAsync(http, $"/api/projections/{one}/parked");
        await CheckParkedAsync(http, "/api/subscriptions/transfers/parked");
    }

    /// <summary>A row of <c>balances</c>.</summary>
    public static AccountRow Account(JsonNode row)
    {
        var model = row["model"]!;
        return new AccountRow(
            (string)model["currency"]!, (decimal)model["balance"]!, (bool)model["isOpen"]!, (long)model["entries"]!,
            (string)row["position"]!);
    }

    // A page whose silo ends is read again at the next one.
    private static async Task<Dictionary<string, TRow>> ReadAsync<TRow>(
        LedgerHttp http, string projection, string position, Func<JsonNode, TRow> rowOf)
    {
        var rows = new Dictionary<string, TRow>();
        for (var next = ""; next is not null;)
        {
            var path = $"/api/models/{projection}?limit=1000&wait=5" + (next.Length == 0 ? "" : $"&after={next}");
            var page = (await http.GetAsync(path, 0, ("Granary-Min-Position", position))).Is(HttpStatusCode.OK).Json;
            foreach (var row in page["models"]!.AsArray()) rows.Add((string)row!["key"]!, rowOf(row!));
            next = (string?)page["next"];
        }

        return rows;
    }

    private static async Task CheckParkedAsync(LedgerHttp http, string path)
    {
        var parked = (await http.GetAsync(path)).Is(HttpStatusCode.OK);
        Assert.True(parked.Json["streams"]!.AsArray().Count == 0, $"{path}: {parked}");
    }

    private static void AssertSame<TRow>(Dictionary<string, TRow> folded, Dictionary<string, TRow> served)
    {
        var wrong = folded.Keys.Union(served.Keys)
            .Where(key => !folded.TryGetValue(key, out var one) || !served.TryGetValue(key, out var other)
                || !Equals(one, other))
            .Select(key => $"{key}: {folded.GetValueOrDefault(key)} in the log, {served.GetValueOrDefault(key)} served")
            .ToArray();
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {folded.Count}:\n{string.Join('\n', wrong.Take(20))}");
    }
}
