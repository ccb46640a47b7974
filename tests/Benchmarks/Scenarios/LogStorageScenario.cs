namespace Granary.Benchmarks;

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
