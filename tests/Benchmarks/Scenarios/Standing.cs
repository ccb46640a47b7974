namespace Granary.Benchmarks;

/// <summary>A contestant under one load, as it stands alone: no ratio, so not to be compared across machines.</summary>
/// <param name="Who">The contestant.</param>
/// <param name="Callers">How many called.</param>
/// <param name="Outcome">What came of it, latencies included.</param>
internal sealed record Standing(string Who, int Callers, Outcome Outcome)
{
    private static readonly int[] LatencyCallers = [1, 16, 256, 1_000];

    /// <summary>Everybody at a thousand callers, one event each.</summary>
    public static async Task<IReadOnlyList<Standing>> PeersAsync(DataFolder folder, Effort effort)
    {
        var all = new List<Standing>();
        foreach (var (name, what, _) in Contestants.All)
            all.AddRange(await RunAsync(name, what, [1_000], folder, effort));
        return all;
    }

    /// <summary>Granary's latencies at several numbers of callers.</summary>
    public static Task<IReadOnlyList<Standing>> LatenciesAsync(DataFolder folder, Effort effort) =>
        RunAsync("granary", "Granary on SQLite", LatencyCallers, folder, effort);

    private static async Task<IReadOnlyList<Standing>> RunAsync(
        string name, string what, int[] callers, DataFolder folder, Effort effort)
    {
        await using var contestant = Contestants.Make(name);
        await contestant.Inner.StartAsync(folder.Next());
        await contestant.RunAsync(new Load(callers[^1]) { Duration = effort.WarmUp });
        var standings = new List<Standing>();
        foreach (var many in callers)
        {
            var load = new Load(many) { Duration = 2 * effort.Turn, Latencies = true };
            standings.Add(new Standing(what, many, await contestant.RunAsync(load)));
        }

        await contestant.CheckAsync();
        return standings;
    }
}
