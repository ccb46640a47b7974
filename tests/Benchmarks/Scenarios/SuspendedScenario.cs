using System.Diagnostics.Metrics;

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

    // The mean of the commits' sizes, as Granary's own metric has them.
    private static async Task<int> BatchSizeAsync(Func<Task> run)
    {
        var (commits, appends) = (0L, 0L);
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: GranaryNames.Meter, Name: "granary.batch.appends" })
                listener.EnableMeasurementEvents(instrument);
        };

        // One thread commits, and when the run has ended, so has the last commit.
        listener.SetMeasurementEventCallback<int>((_, size, _, _) =>
            (commits, appends) = (commits + 1, appends + size));
        listener.Start();
        await run();
        return (int)Math.Max(1, appends / Math.Max(1, commits));
    }
}
