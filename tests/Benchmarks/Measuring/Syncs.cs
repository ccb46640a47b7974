namespace Granary.Benchmarks;

/// <summary>What the disk gives: how often a second a file can be appended to and synced, by one thread.</summary>
internal static class Syncs
{
    public static async Task<Outcome> MeasureAsync(DataFolder folder, Effort effort)
    {
        await using var loop = new FileLoopContestant();
        await loop.StartAsync(folder.Next());
        var load = new Load(1) { Duration = effort.Of(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5)) };
        await loop.RunAsync(load with { Duration = load.Duration / 4 });
        return await loop.RunAsync(load with { Latencies = true });
    }
}
