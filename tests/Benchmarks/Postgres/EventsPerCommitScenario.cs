namespace Granary.Benchmarks;

/// <summary>How many events a transaction of the server holds, by the server's own count of those that write.</summary>
internal sealed class EventsPerCommitScenario(Load load) : IScenario
{
    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var granary = Candidates.Make("granary-postgres");
        await granary.Inner.StartAsync(folder.Next());
        await granary.WarmUpAsync(load, size);
        var found = new List<double>();
        using var commits = new CommitCount();
        for (var turn = 0; turn < size.Turns; turn++)
        {
            var before = await Server.WritesAsync();
            var outcome = await granary.RunAsync(load with { Duration = size.Turn });
            found.Add((double)outcome.Events / Math.Max(1, await Server.WritesAsync() - before));
        }

        await granary.CheckAsync();
        var series = new Series(found);
        return new Result(
            series.Median, series.Spread, $"Granary counts {Text.Number(commits.AppendsEach)} appends a batch");
    }
}
