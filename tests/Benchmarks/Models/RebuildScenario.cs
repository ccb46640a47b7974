using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>
/// A rebuild beside the build that serves, at two sizes of the log: its rate, and the memory it takes.
/// </summary>
internal sealed class RebuildScenario : IScenario
{
    private const int Streams = 10_000;
    private const int EventsAtOnce = 50_000;

    private static readonly TimeSpan SampleDelay = TimeSpan.FromMilliseconds(20);

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var (small, large) = size.Of((250_000, 1_000_000), (50_000, 200_000));
        var first = await RebuildAsync(folder, small);
        var second = await RebuildAsync(folder, large);
        return new Result(
            (double)second.Heap / first.Heap, 0,
            $"heap at most {Mebibytes(first.Heap)} at {small:N0} events, {Mebibytes(second.Heap)} at {large:N0}; "
            + $"working set {Mebibytes(first.WorkingSet)}, {Mebibytes(second.WorkingSet)}; rebuilt at "
            + $"{Text.Number(first.Rate)}, {Text.Number(second.Rate)} events/s")
        {
            Scaled = size.Quick ? $"{large:N0} events" : null,
        };
    }

    private static string Mebibytes(long bytes) => $"{Text.Number(bytes / 1024.0 / 1024.0)} MiB";

    private static async Task<(double Rate, long Heap, long WorkingSet)> RebuildAsync(DataFolder folder, int events)
    {
        await using var silo = await ModelSilo.StartAsync(StoreKind.Sqlite, folder.Next());
        for (var left = events; left > 0; left -= EventsAtOnce)
            await silo.CommitAsync(silo.Prepare(Math.Min(left, EventsAtOnce), Streams));
        await silo.CatchUpAsync();

        // Once before: what the first one loads and compiles stays.
        await RebuildAsync(silo);
        GC.Collect();
        using var ends = new CancellationTokenSource();
        var peaks = Task.Run(() => SampleAsync(ends.Token));
        var start = Stopwatch.GetTimestamp();
        await RebuildAsync(silo);
        var rate = events / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await ends.CancelAsync();
        var (heap, workingSet) = await peaks;
        await silo.CheckAsync(Streams);
        return (rate, heap, workingSet);
    }

    private static async Task RebuildAsync(ModelSilo silo)
    {
        var build = await silo.Projections.Rebuild(CounterProjection.Name, publish: true);
        await ModelSilo.UntilAsync(async () => (await silo.Projections.Read(CounterProjection.Name)).Builds
            .Any(one => one.Name == build.Name && one.State == BuildState.Published));
        foreach (var old in (await silo.Projections.Read(CounterProjection.Name)).Builds)
        {
            if (old.Name != build.Name) await silo.Projections.Drop(CounterProjection.Name, old.Name);
        }
    }

    private static async Task<(long Heap, long WorkingSet)> SampleAsync(CancellationToken cancellationToken)
    {
        var (heap, workingSet) = (0L, 0L);
        while (!cancellationToken.IsCancellationRequested)
        {
            heap = Math.Max(heap, GC.GetTotalMemory(forceFullCollection: false));
            workingSet = Math.Max(workingSet, Environment.WorkingSet);
            await Task.Delay(SampleDelay, TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (heap, workingSet);
    }
}
