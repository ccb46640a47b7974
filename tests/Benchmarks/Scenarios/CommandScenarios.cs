namespace Granary.Benchmarks;

/// <summary>How each measure is found.</summary>
internal static class Scenarios
{
    private const int Grains = 1_000;

    public static IReadOnlyList<IScenario> All { get; } =
    [
        new TurnsScenario(Measures.CommandsVsPlain, "plain", new Load(Grains)),
        new TurnsScenario(Measures.CommandsVsAkka, "akka", new Load(Grains)) { QuickCallers = 200 },
        new LogStorageScenario(),
        new TurnsScenario(
            Measures.BatchesVsSqlite, "sqlite", new Load(100) { EventsEach = 100 }, new Load(1) { EventsEach = 1_000 }),
        new TurnsScenario(Measures.SingleVsSqlite, "sqlite", new Load(1)),
        new ReplayScenario(),
        new LongStreamScenario(),
        new ActivationScenario(),
        new FullStoreScenario(),
        new BytesPerCommandScenario(),
        new HttpScenario(),
        new BytesPerActivationScenario(),
    ];
}

/// <summary>Granary and a peer under the same load, in turns.</summary>
/// <param name="measure">What it finds.</param>
/// <param name="peer">The other contestant.</param>
/// <param name="ours">Granary's load.</param>
/// <param name="theirs">The peer's, where it is another: a bare loop has one caller and commits by the batch.</param>
internal sealed class TurnsScenario(Measure measure, string peer, Load ours, Load? theirs = null) : IScenario
{
    public Measure Measure => measure;

    /// <summary>How many callers a quick run has instead, where the peer takes its time to answer them all.</summary>
    public int? QuickCallers { get; init; }

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        var callers = effort.Of(ours.Callers, QuickCallers ?? ours.Callers);
        var (first, second) = (ours with { Callers = callers }, theirs ?? ours with { Callers = callers });
        await using var granary = Contestants.Make("granary");
        await using var other = Contestants.Make(peer);
        await granary.Inner.StartAsync(folder.Next());
        await other.Inner.StartAsync(folder.Next());

        await RunAsync(granary, first, effort.WarmUp);
        await RunAsync(other, second, effort.WarmUp);
        var pairs = await Pairs.MeasureAsync(
            effort.Turns,
            () => RunAsync(granary, first, effort.Turn),
            () => RunAsync(other, second, effort.Turn));
        await granary.CheckAsync();
        await other.CheckAsync();
        return Finding.Of(measure, pairs, "events/s") with
        {
            Scaled = callers == ours.Callers ? null : $"{callers} grains",
        };
    }

    private static async Task<double> RunAsync(Counted contestant, Load load, TimeSpan duration) =>
        (await contestant.RunAsync(load with { Duration = duration })).EventsPerSecond;
}

/// <summary>Fresh streams around their 200th event, a few commands to each: LogStorage slows with each.</summary>
internal sealed class LogStorageScenario : IScenario
{
    private const int EventsAfter = 210;

    private int _nextGrain;

    public Measure Measure => Measures.CommandsVsLogStorage;

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        var (grains, commands) = effort.Of((1_000, 20), (100, 6));
        await using var granary = Contestants.Make("granary");
        await using var other = Contestants.Make("logstorage");
        await granary.Inner.StartAsync(folder.Next());
        await other.Inner.StartAsync(folder.Next());

        for (var warm = 0; warm < effort.Of(3, 1); warm++)
        {
            await RunAsync(granary, grains, commands);
            await RunAsync(other, grains, commands);
        }

        var pairs = await Pairs.MeasureAsync(
            effort.Of(5, 2), () => RunAsync(granary, grains, commands), () => RunAsync(other, grains, commands));
        await granary.CheckAsync();
        await other.CheckAsync();
        return Finding.Of(Measure, pairs, "commands/s") with
        {
            Scaled = effort.Quick ? $"{grains} grains" : null,
        };
    }

    private async Task<double> RunAsync(Counted contestant, int grains, int commands)
    {
        var before = EventsAfter - commands;
        var load = new Load(grains) { FirstGrain = _nextGrain, CommandsEach = 1, EventsEach = before };
        _nextGrain += grains;
        await contestant.RunAsync(load);
        var outcome = await contestant.RunAsync(load with { CommandsEach = commands, EventsEach = 1 });
        return outcome.CommandsPerSecond;
    }
}

/// <summary>What the whole process allocates while a thousand grains confirm, for each confirmed command.</summary>
internal sealed class BytesPerCommandScenario : IScenario
{
    public Measure Measure => Measures.BytesPerCommand;

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        await using var granary = Contestants.Make("granary");
        await granary.Inner.StartAsync(folder.Next());
        var load = new Load(1_000) { Duration = effort.WarmUp };
        await granary.RunAsync(load);
        var found = new List<double>();
        for (var turn = 0; turn < effort.Turns; turn++)
        {
            var outcome = await granary.RunAsync(load with { CommandsEach = effort.Of(100, 10) });
            found.Add(outcome.BytesPerCommand);
        }

        await granary.CheckAsync();
        var series = new Series(found);
        return new Finding(Measure, series.Median, series.Spread, "bytes");
    }
}
