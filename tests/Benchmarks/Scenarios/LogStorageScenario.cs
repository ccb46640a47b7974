namespace Granary.Benchmarks;

/// <summary>Fresh streams at 190 events, and twenty commands to each: LogStorage gets slower with every event.</summary>
internal sealed class LogStorageScenario : IScenario
{
    private const int EventsBefore = 190;
    private const int CommandsEach = 20;

    private int _nextGrain;

    public Measure Measure => Measures.CommandsVsLogStorage;

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        var grains = effort.Of(1_000, 100);
        await using var granary = Contestants.Make("granary");
        await using var other = Contestants.Make("logstorage");
        await granary.Inner.StartAsync(folder.Next());
        await other.Inner.StartAsync(folder.Next());

        for (var warm = 0; warm < effort.Of(3, 1); warm++)
        {
            await RunAsync(granary, grains);
            await RunAsync(other, grains);
        }

        var pairs = await Pairs.MeasureAsync(
            effort.Of(5, 3), () => RunAsync(granary, grains), () => RunAsync(other, grains));
        await granary.CheckAsync();
        await other.CheckAsync();
        return Finding.Of(Measure, pairs, "commands/s") with
        {
            Scaled = effort.Quick ? $"{grains} grains" : null,
        };
    }

    private async Task<double> RunAsync(Counted contestant, int grains)
    {
        var load = new Load(grains) { FirstGrain = _nextGrain, CommandsEach = 1, EventsEach = EventsBefore };
        _nextGrain += grains;
        await contestant.RunAsync(load);
        return (await contestant.RunAsync(load with { CommandsEach = CommandsEach, EventsEach = 1 })).CommandsPerSecond;
    }
}
