using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>A long stream without snapshots: from the first call to its answer the whole of it is replayed.</summary>
internal sealed class ReplayScenario : IScenario
{
    private const int EventsEach = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var events = size.Of(100_000, 20_000);
        var granary = new GranaryCandidate(snapshots: false);
        var akka = new AkkaCandidate();
        await using var countedGranary = new Counted("granary", granary);
        await using var countedAkka = new Counted("akka", akka);
        await granary.StartAsync(folder.Next());
        await akka.StartAsync(folder.Next());
        var fill = new Load(1) { CommandsEach = events / EventsEach, EventsEach = EventsEach };
        await countedGranary.RunAsync(fill);
        await countedAkka.RunAsync(fill);
        await countedGranary.CheckAsync();
        await countedAkka.CheckAsync();

        var grain = granary.Silo.Tally(GranaryTally.Kind, 0);
        Task<double> Granary() => RateAsync(events, () => granary.Silo.DeactivateAsync(grain), grain.Count);
        Task<double> Akka() => RateAsync(events, () => akka.DeactivateAsync(0), () => akka.CountOfAsync(0));
        await WarmAsync(size, Granary);
        await WarmAsync(size, Akka);
        var pairs = await Pairs.MeasureAsync(size.Turns, Granary, Akka);
        return Result.Of(pairs, "events/s") with { Scaled = size.Quick ? $"{events:N0} events" : null };
    }

    // As long as every other candidate: code that is still being compiled is compiled while the other runs.
    private static async Task WarmAsync(RunSize size, Func<Task<double>> replay)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < size.WarmUp) await replay();
    }

    private static async Task<double> RateAsync(int events, Func<Task> deactivate, Func<Task<long>> count)
    {
        await deactivate();
        var start = Stopwatch.GetTimestamp();
        var counted = await count();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return counted == events
            ? events / elapsed.TotalSeconds
            : throw new InvalidDataException($"{counted} events were read of {events}.");
    }
}
