using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>
/// Appends by grains at a steady rate; of some, the time from the answer until a query of the model shows the event.
/// </summary>
/// <param name="kind">The store.</param>
/// <param name="share">The share of the times within which the value lies.</param>
internal sealed class LagScenario(StoreKind kind, double share) : IScenario
{
    private const int Grains = 1_000;
    private const int AskedEvery = 37;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var silo = await ModelSilo.StartAsync(kind, folder.Next());
        await SendAsync(silo, size.Of(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(3)));
        var (found, all, rates) = (new List<double>(), new Latencies(), new List<double>());
        for (var turn = 0; turn < size.Of(7, 3); turn++)
        {
            GC.Collect();
            var (lags, rate) = await SendAsync(silo, size.Of(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2)));
            found.Add(lags.Percentile(share).TotalMilliseconds);
            all.Add(lags);
            rates.Add(rate);
        }

        await silo.CheckAsync(Grains);
        var series = new Series(found);
        return new Result(
            series.Median, series.Spread,
            $"ms; p50, p99, p99.9 of all {all.Counts.Sum():N0}: {Text.Of(all)}, at "
            + $"{Text.Number(new Series(rates).Median)} appends/s");
    }

    private static async Task<(Latencies Lags, double Rate)> SendAsync(ModelSilo silo, TimeSpan duration)
    {
        var lags = new Latencies();
        var rate = await Steady.SendAsync(
            duration, sent => SendAsync(silo, sent % Grains, sent % AskedEvery == 0 ? lags : null));
        return (lags, rate);
    }

    private static async Task SendAsync(ModelSilo silo, int grain, Latencies? lags)
    {
        var count = await silo.Silo.Tally(GranaryTally.Kind, grain).Add(1);
        if (lags is null) return;
        var answered = Stopwatch.GetTimestamp();
        var stream = OnGranaryCandidate.StreamOf(grain);
        var head = await silo.Store.ReadHeadAsync(stream, CancellationToken.None);
        var counter = await silo.Models.FindAsync(stream.Key, ModelWait.For(head.Position));
        var lag = Stopwatch.GetTimestamp() - answered;
        if (counter is null || counter.Events < count)
            throw new InvalidDataException($"The model of {stream} has not counted its event {count}.");
        lock (lags) lags.Add(lag);
    }
}
