namespace Granary.Benchmarks;

/// <summary>A candidate under one load, without a peer: no ratio, so not to be compared across machines.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Callers">How many callers.</param>
/// <param name="Outcome">The result, latencies included.</param>
internal sealed record LoadResult(string Candidate, int Callers, Outcome Outcome)
{
    private static readonly int[] LatencyCallers = [1, 16, 256, 1_000];
    private static readonly string[] LatencyCandidates = ["granary", "http", "lines"];

    /// <summary>Some candidates, each with a thousand callers, one event each.</summary>
    public static async Task<string> PeersAsync(
        IEnumerable<CandidateKind> candidates, DataFolder folder, RunSize size)
    {
        var all = new List<LoadResult>();
        foreach (var one in candidates) all.AddRange(await RunAsync(one, [1_000], folder, size));
        return Table(all);
    }

    /// <summary>Granary's latencies, within the process and over HTTP, at several numbers of callers.</summary>
    public static async Task<string> LatenciesAsync(DataFolder folder, RunSize size)
    {
        var all = new List<LoadResult>();
        foreach (var one in Candidates.All.Where(static one => LatencyCandidates.Contains(one.Name)))
            all.AddRange(await RunAsync(one, LatencyCallers, folder, size));
        return Table(all);
    }

    private static async Task<IReadOnlyList<LoadResult>> RunAsync(
        CandidateKind kind, int[] callers, DataFolder folder, RunSize size)
    {
        await using var candidate = Candidates.Make(kind.Name);
        await candidate.Inner.StartAsync(folder.Next());
        await candidate.WarmUpAsync(new Load(callers[^1]), size);
        var results = new List<LoadResult>();
        foreach (var many in callers)
        {
            var load = new Load(many) { Duration = 2 * size.Turn, Latencies = true };
            results.Add(new LoadResult(kind.What, many, await candidate.RunAsync(load)));
        }

        await candidate.CheckAsync();
        return results;
    }

    private static string Table(IReadOnlyList<LoadResult> results) => Text.Table(
    [
        ["candidate", "callers", "commands/s", "p50", "p99", "p99.9", "bytes a command"],
        .. results.Select(static one => (string[])
        [
            one.Candidate, Text.Number(one.Callers), Text.Number(one.Outcome.CommandsPerSecond),
            .. Text.Percentiles(one.Outcome.Latencies!), Text.Number(one.Outcome.BytesPerCommand),
        ]),
    ]);
}
