using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>
/// One caller, hundred commands to the long stream, hundred to a fresh one that has hundred events, and so on.
/// </summary>
internal sealed class LongStreamScenario : IScenario
{
    private const int Long = 0;
    private const int Block = 100;

    private int _fresh = Long;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var (events, blocks) = (size.Of(100_000, 20_000), size.Of(20, 5));
        await using var granary = new GranaryCandidate();
        await granary.StartAsync(folder.Next());
        await Filling.AddAsync(granary.Store, GranaryCandidate.StreamOf(Long), events);

        await TurnAsync(granary, size.Of(20, 5));
        var (atEnd, atStart) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < size.Of(7, 3); turn++)
        {
            var (longTime, freshTime) = await TurnAsync(granary, blocks);
            atEnd.Add(blocks * Block / longTime.TotalSeconds);
            atStart.Add(blocks * Block / freshTime.TotalSeconds);
        }

        return Result.Of(Pairs.Of(atEnd, atStart), "commands/s") with
        {
            Scaled = size.Quick ? $"{events:N0} events" : null,
        };
    }

    private async Task<(TimeSpan Long, TimeSpan Fresh)> TurnAsync(GranaryCandidate granary, int blocks)
    {
        var (longTime, freshTime) = (TimeSpan.Zero, TimeSpan.Zero);
        var longGrain = granary.Silo.Tally(GranaryTally.Kind, Long);
        for (var block = 0; block < blocks; block++)
        {
            var fresh = granary.Silo.Tally(GranaryTally.Kind, ++_fresh);
            if (await fresh.AddMany(Block) != Block) throw new InvalidDataException("A fresh stream was not empty.");
            longTime += await TimeAsync(longGrain);
            freshTime += await TimeAsync(fresh);
        }

        return (longTime, freshTime);
    }

    private static async Task<TimeSpan> TimeAsync(ITallyGrain grain)
    {
        var before = await grain.Count();
        var start = Stopwatch.GetTimestamp();
        for (var at = 0; at < Block; at++) await grain.Add(1);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var added = await grain.Count() - before;
        return added == Block ? elapsed : throw new InvalidDataException($"{added} events were added, not {Block}.");
    }
}
