namespace Granary.Benchmarks;

/// <summary>A candidate under one load, without a peer: no ratio, so not to be compared across machines.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Callers">How many callers.</param>
/// <param name="Outcome">The result, latencies included.</param>
internal sealed record LoadResult(string Candidate, int Callers, Outcome Outcome)
{
    private static readonly int[] LatencyCallers = [1, 16, 256, 1_000];
    private static readonly string[] LatencyCandidates = ["granary", "http", "lines"];

    /// <summary>Every candidate with a thousand callers, one event each.</summary>
    public static async Task<IReadOnlyList<LoadResult>> PeersAsync(DataFolder folder, RunSize size)
    {
        var all = new List<LoadResult>();
        foreach (var (name, what, _) in Candidates.All)
            all.AddRange(await RunAsync(name, what, [1_000], folder, size));
        return all;
    }

    /// <summary>Granary's latencies, within the process and over HTTP, at several numbers of callers.</summary>
    public static async Task<IReadOnlyList<LoadResult>> LatenciesAsync(DataFolder folder, RunSize size)
    {
        var all = new List<LoadResult>();
        foreach (var (name, what, _) in Candidates.All.Where(static one => LatencyCandidates.Contains(one.Name)))
            all.AddRange(await RunAsync(name, what, LatencyCallers, folder, size));
        return all;
    }

    private static async Task<IReadOnlyList<LoadResult>> RunAsync(
        string name, string what, int[] callers, DataFolder folder, RunSize size)
    {
        await using var candidate = Candidates.Make(name);
        await candidate.Inner.StartAsync(folder.Next());
        await candidate.WarmUpAsync(new Load(callers[^1]), size);
        var results = new List<LoadResult>();
        foreach (var many in callers)
        {
            var load = new Load(many) { Duration = 2 * size.Turn, Latencies = true };
            results.Add(new LoadResult(what, many, await candidate.RunAsync(load)));
        }

        await candidate.CheckAsync();
        return results;
    }
}
