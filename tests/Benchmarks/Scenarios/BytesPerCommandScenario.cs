namespace Granary.Benchmarks;

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
