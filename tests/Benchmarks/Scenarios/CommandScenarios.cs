namespace Granary.Benchmarks;

/// <summary>Granary and a peer under the same load, in turns.</summary>
/// <param name="name">Granary, one way or another.</param>
/// <param name="peer">The other candidate; on the shipped silo, the same one that Granary is.</param>
/// <param name="ours">Granary's load.</param>
/// <param name="theirs">The peer's, where it is another: a bare loop has one caller and commits by the batch.</param>
internal sealed class TurnsScenario(string name, string peer, Load ours, Load? theirs = null) : IScenario
{
    /// <summary>How many callers a quick run has instead, where the peer is too slow for all of them.</summary>
    public int? QuickCallers { get; init; }

    /// <summary>What is counted.</summary>
    public string Unit { get; init; } = "events/s";

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var callers = size.Of(ours.Callers, QuickCallers ?? ours.Callers);
        var (first, second) = (ours with { Callers = callers }, theirs ?? ours with { Callers = callers });
        var silo = new ShippedSilo();
        await using var granary = Candidates.Make(name, silo);
        await using var other = Candidates.Make(peer, silo);
        await granary.Inner.StartAsync(folder.Next());
        await other.Inner.StartAsync(folder.Next());

        var result = await MeasureAsync((granary, first), (other, second), size, Unit);
        return result with
        {
            Scaled = callers == ours.Callers ? null : $"{callers} grains",
        };
    }

    /// <summary>The ratio of two that were started, each under its load.</summary>
    public static async Task<Result> MeasureAsync(
        (Counted Candidate, Load Load) first, (Counted Candidate, Load Load) second, RunSize size, string unit)
    {
        await first.Candidate.WarmUpAsync(first.Load, size);
        await second.Candidate.WarmUpAsync(second.Load, size);
        var pairs = await Pairs.MeasureAsync(size.Turns, () => RunAsync(first), () => RunAsync(second));
        await first.Candidate.CheckAsync();
        await second.Candidate.CheckAsync();
        return Result.Of(pairs, unit);

        async Task<double> RunAsync((Counted Candidate, Load Load) one) =>
            (await one.Candidate.RunAsync(one.Load with { Duration = size.Turn })).EventsPerSecond;
    }
}

/// <summary>Fresh streams around their 200th event, a few commands to each: LogStorage slows with each.</summary>
internal sealed class LogStorageScenario : IScenario
{
    private const int EventsAfter = 210;

    private int _nextGrain;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var (grains, commands) = size.Of((1_000, 20), (100, 6));
        await using var granary = Candidates.Make("granary");
        await using var other = Candidates.Make("logstorage");
        await granary.Inner.StartAsync(folder.Next());
        await other.Inner.StartAsync(folder.Next());

        for (var warm = 0; warm < size.Of(3, 1); warm++)
        {
            await RunAsync(granary, grains, commands);
            await RunAsync(other, grains, commands);
        }

        var pairs = await Pairs.MeasureAsync(
            size.Of(5, 2), () => RunAsync(granary, grains, commands), () => RunAsync(other, grains, commands));
        await granary.CheckAsync();
        await other.CheckAsync();
        return Result.Of(pairs, "commands/s") with
        {
            Scaled = size.Quick ? $"{grains} grains" : null,
        };
    }

    private async Task<double> RunAsync(Counted candidate, int grains, int commands)
    {
        var before = EventsAfter - commands;
        var load = new Load(grains) { FirstGrain = _nextGrain, CommandsEach = 1, EventsEach = before };
        _nextGrain += grains;
        await candidate.RunAsync(load);
        var outcome = await candidate.RunAsync(load with { CommandsEach = commands, EventsEach = 1 });
        return outcome.CommandsPerSecond;
    }
}

/// <summary>What the silo's whole process allocates under a load, for each confirmed command.</summary>
/// <param name="name">The candidate.</param>
/// <param name="callers">How many callers it has.</param>
internal sealed class BytesPerCommandScenario(string name, int callers) : IScenario
{
    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var granary = Candidates.Make(name);
        await granary.Inner.StartAsync(folder.Next());
        var load = new Load(callers);
        await granary.WarmUpAsync(load, size);
        var found = new List<double>();
        for (var turn = 0; turn < size.Turns; turn++)
        {
            var outcome = await granary.RunAsync(load with { CommandsEach = size.Of(100, 10) });
            found.Add(outcome.BytesPerCommand);
        }

        await granary.CheckAsync();
        var series = new Series(found);
        return new Result(series.Median, series.Spread, "bytes");
    }
}
