using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>
/// The median time of an append at a steady rate while the projection runs, against while it is paused, in turns in one
/// silo.
/// </summary>
/// <param name="kind">The store.</param>
internal sealed class AppenderDelayScenario(StoreKind kind) : IScenario
{
    private const int Grains = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var silo = await ModelSilo.StartAsync(kind, folder.Next());
        var duration = size.Of(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2));
        for (var turn = 0; turn < 2; turn++) await SendAsync();
        var (with, without) = (new Latencies(), new Latencies());
        var pairs = await Pairs.MeasureAsync(size.Of(7, 3), WithAsync, WithoutAsync);
        await silo.ResumeAsync();
        await silo.CheckAsync(Grains);
        return Result.Of(pairs, "ms") with
        {
            Detail = $"p50, p99, p99.9 of all: {Text.Of(with)} with it, {Text.Of(without)} without",
        };

        async Task<double> WithAsync()
        {
            await silo.ResumeAsync();
            await silo.CatchUpAsync();
            return await TurnAsync(with);
        }

        async Task<double> WithoutAsync()
        {
            await silo.CatchUpAsync();
            await silo.PauseAsync();
            return await TurnAsync(without);
        }

        async Task<double> TurnAsync(Latencies all)
        {
            GC.Collect();
            var found = await SendAsync();
            all.Add(found);
            return found.Percentile(0.5).TotalMilliseconds;
        }

        async Task<Latencies> SendAsync()
        {
            var found = new Latencies();
            await Steady.SendAsync(duration, async sent =>
            {
                var start = Stopwatch.GetTimestamp();
                await silo.Silo.Tally(GranaryTally.Kind, sent % Grains).Add(1);
                var took = Stopwatch.GetTimestamp() - start;
                lock (found) found.Add(took);
            });
            return found;
        }
    }
}
