using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>A long stream without snapshots: from the first call to its answer the whole of it is replayed.</summary>
internal sealed class ReplayScenario : IScenario
{
    private const int EventsEach = 1_000;

    public Measure Measure => Measures.ReplayVsAkka;

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        var events = effort.Of(100_000, 20_000);
        var granary = new GranaryContestant(snapshots: false);
        var akka = new AkkaContestant();
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
        Task<double> Granary() => RateAsync(events, () => granary.Silo.LeaveAsync(grain), grain.Count);
        Task<double> Akka() => RateAsync(events, () => akka.LeaveAsync(0), () => akka.CountOfAsync(0));
        await WarmAsync(effort, Granary);
        await WarmAsync(effort, Akka);
        var pairs = await Pairs.MeasureAsync(effort.Turns, Granary, Akka);
        return Finding.Of(Measure, pairs, "events/s") with { Scaled = effort.Quick ? $"{events:N0} events" : null };
    }

    // As long as every other contestant is: what is still being compiled is compiled while the other has its turn.
    private static async Task WarmAsync(Effort effort, Func<Task<double>> replay)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < effort.WarmUp) await replay();
    }

    private static async Task<double> RateAsync(int events, Func<Task> leave, Func<Task<long>> count)
    {
        await leave();
        var start = Stopwatch.GetTimestamp();
        var counted = await count();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return counted == events
            ? events / elapsed.TotalSeconds
            : throw new InvalidDataException($"{counted} events came back of {events}.");
    }
}
