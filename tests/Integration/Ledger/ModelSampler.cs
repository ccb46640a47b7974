using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Reads the balances as they are served, again and again. Each row says at which position it is; there it must be what
/// the log is.
/// </summary>
internal sealed class ModelSampler(LedgerHttp http)
{
    private readonly ConcurrentDictionary<(string Account, AccountRow Row), bool> _seen = new();

    /// <summary>How many different rows were read.</summary>
    public int Rows => _seen.Count;

    /// <summary>Reads until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var choice = 0; !stop.IsCancellationRequested; choice++)
        {
            var page = await http.GetAsync("/api/models/balances?limit=1000", choice);
            foreach (JsonNode? row in page.Is(HttpStatusCode.OK).Json["models"]!.AsArray())
                _seen.TryAdd(((string)row!["key"]!, LedgerModels.Account(row)), true);
        }
    }

    /// <summary>Checks every row that was read.</summary>
    public void Check(LedgerFold fold)
    {
        foreach (var (account, row) in _seen.Keys)
        {
            var there = fold.FindPast(account, row.At);
            Assert.True(row == there, $"{account} was served as {row}, and there the log has {there}.");
        }
    }
}
