using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>Deactivates a grain and times the call that brings it back; at a long stream and at a short one.</summary>
internal sealed class ActivationScenario : IScenario
{
    private const int Long = 0;
    private const int Short = 1;
    private const int ShortEvents = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public Measure Measure => Measures.ActivationFlat;

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        var (events, activations) = (effort.Of(1_000_000, 100_000), effort.Of(500, 120));
        await using var granary = new GranaryContestant();
        await granary.StartAsync(folder.Next());
        await PrepareAsync(granary, Long, events);
        await PrepareAsync(granary, Short, ShortEvents);

        await TurnAsync(granary, activations);
        var (longs, shorts) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < effort.Of(7, 3); turn++)
        {
            var (longTimes, shortTimes) = await TurnAsync(granary, activations);
            longs.Add(longTimes.Percentile(0.99).TotalMicroseconds);
            shorts.Add(shortTimes.Percentile(0.99).TotalMicroseconds);
        }

        var ratios = longs.Zip(shorts, static (a, b) => a / b);
        return Finding.Of(Measure, new(new(longs), new(shorts), new([.. ratios])), "µs") with
        {
            Scaled = effort.Quick ? $"{events:N0} events" : null,
        };
    }

    // The product itself decides on its snapshot: after the long replay the next confirmation takes one.
    private static async Task PrepareAsync(GranaryContestant granary, int at, int events)
    {
        var stream = GranaryContestant.StreamOf(at);
        await Filling.AddAsync(granary.Store, stream, events);
        var grain = granary.Silo.Tally(GranaryTally.Kind, at);
        if (await grain.Add(1) != events + 1) throw new InvalidDataException($"{stream} did not come back whole.");

        var snapshots = granary.Silo.Services.GetRequiredService<ISnapshotStore>();
        var start = Stopwatch.GetTimestamp();
        while (await snapshots.ReadSnapshotAsync(stream, new(long.MaxValue), null, CancellationToken.None) is null)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new InvalidDataException($"No snapshot of {stream} was taken.");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private static async Task<(Latencies Long, Latencies Short)> TurnAsync(GranaryContestant granary, int activations)
    {
        var (longTimes, shortTimes) = (new Latencies(), new Latencies());
        for (var at = 0; at < activations; at++)
        {
            longTimes.Add(await ActivateAsync(granary, Long));
            shortTimes.Add(await ActivateAsync(granary, Short));
        }

        return (longTimes, shortTimes);
    }

    private static async Task<long> ActivateAsync(GranaryContestant granary, int at)
    {
        var grain = granary.Silo.Tally(GranaryTally.Kind, at);
        await granary.Silo.LeaveAsync(grain);
        var start = Stopwatch.GetTimestamp();
        await grain.Count();
        return Stopwatch.GetTimestamp() - start;
    }
}
