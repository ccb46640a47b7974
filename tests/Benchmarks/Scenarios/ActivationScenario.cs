using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>
/// Deactivates a grain and times the call that activates it again; at a long stream and at a short one.
/// </summary>
internal sealed class ActivationScenario : IScenario
{
    private const int Long = 0;
    private const int Short = 1;
    private const int ShortEvents = 1_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var (events, activations) = (size.Of(1_000_000, 100_000), size.Of(500, 120));
        await using var granary = new GranaryCandidate();
        await granary.StartAsync(folder.Next());
        await PrepareAsync(granary, Long, events);
        await PrepareAsync(granary, Short, ShortEvents);

        await TurnAsync(granary, activations);
        var (longs, shorts) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < size.Of(7, 3); turn++)
        {
            var (longTimes, shortTimes) = await TurnAsync(granary, activations);
            longs.Add(longTimes.Percentile(0.99).TotalMicroseconds);
            shorts.Add(shortTimes.Percentile(0.99).TotalMicroseconds);
        }

        return Result.Of(Pairs.Of(longs, shorts), "µs") with
        {
            Scaled = size.Quick ? $"{events:N0} events" : null,
        };
    }

    // Granary itself decides when it writes a snapshot: after the long replay the next confirmation does.
    private static async Task PrepareAsync(GranaryCandidate granary, int at, int events)
    {
        var stream = GranaryCandidate.StreamOf(at);
        await Filling.AddAsync(granary.Store, stream, events);
        var grain = granary.Silo.Tally(GranaryTally.Kind, at);
        if (await grain.Add(1) != events + 1) throw new InvalidDataException($"{stream} was not read whole.");

        var snapshots = granary.Silo.Services.GetRequiredService<ISnapshotStore>();
        var start = Stopwatch.GetTimestamp();
        while (await snapshots.ReadSnapshotAsync(stream, new(long.MaxValue), null, CancellationToken.None) is null)
        {
            if (Stopwatch.GetElapsedTime(start) > Timeout)
                throw new InvalidDataException($"No snapshot of {stream} was taken.");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private static async Task<(Latencies Long, Latencies Short)> TurnAsync(GranaryCandidate granary, int activations)
    {
        var (longTimes, shortTimes) = (new Latencies(), new Latencies());
        for (var at = 0; at < activations; at++)
        {
            longTimes.Add(await ActivateAsync(granary, Long));
            shortTimes.Add(await ActivateAsync(granary, Short));
        }

        return (longTimes, shortTimes);
    }

    private static async Task<long> ActivateAsync(GranaryCandidate granary, int at)
    {
        var grain = granary.Silo.Tally(GranaryTally.Kind, at);
        await granary.Silo.DeactivateAsync(grain);
        var start = Stopwatch.GetTimestamp();
        await grain.Count();
        return Stopwatch.GetTimestamp() - start;
    }
}
