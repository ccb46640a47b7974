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
        for (var warm = 0; warm < effort.Of(5, 2); warm++) await Granary();
        await Akka();
        var pairs = await Pairs.MeasureAsync(effort.Of(5, 2), Granary, Akka);
        return Finding.Of(Measure, pairs, "events/s") with { Scaled = effort.Quick ? $"{events:N0} events" : null };
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
