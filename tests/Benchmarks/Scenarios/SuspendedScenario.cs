namespace Granary.Benchmarks;

/// <summary>
/// Granary, and a grain that waits for a batch as Granary's does but stores nothing. The batches are as large as
/// Granary's were found to be under the same load.
/// </summary>
internal sealed class SuspendedScenario(Load load) : IScenario
{
    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var granary = Candidates.Make("granary");
        await granary.Inner.StartAsync(folder.Next());
        await granary.WarmUpAsync(load, size);
        var batchSize = await BatchSizeAsync(() => granary.RunAsync(load with { Duration = size.Turn }));

        await using var suspended = new Counted("suspended", new SuspendedCandidate(batchSize));
        await suspended.Inner.StartAsync(folder.Next());
        var result = await TurnsScenario.MeasureAsync((granary, load), (suspended, load), size, "commands/s");
        return result with { Detail = $"{result.Detail}, batches of {batchSize}" };
    }

    private static async Task<int> BatchSizeAsync(Func<Task> run)
    {
        // When the run has ended, so has the last commit.
        using var commits = new CommitCount();
        await run();
        return (int)Math.Max(1, commits.AppendsEach);
    }
}
