namespace Granary.Benchmarks;

/// <summary>Two clusters under the same load, in turns.</summary>
/// <param name="first">The one.</param>
/// <param name="second">The other.</param>
/// <param name="figures">Receives what else was measured of both.</param>
internal sealed class ScaleScenario(ClusterShape first, ClusterShape second, ScaleFigures figures) : IScenario
{
    private const int CallersInAll = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var cpu = await ServerCpu.FindAsync();
        await using var one = new SiloCluster(first);
        await using var other = new SiloCluster(second);
        await one.StartAsync();
        await other.StartAsync();

        // The silos compile while they run: every one of them has to have had its share of the load for long enough.
        var load = new Load(CallersInAll) { Duration = size.WarmUp };
        for (var round = 0; round < 2; round++)
        {
            await one.RunAsync(load with { Duration = load.Duration * first.Silos });
            await other.RunAsync(load with { Duration = load.Duration * second.Silos });
        }

        load = load with { Duration = size.Turn };
        var pairs = await Pairs.MeasureAsync(
            size.Turns, () => TurnAsync(one, load, cpu), () => TurnAsync(other, load, cpu));
        await one.CheckAsync();
        await other.CheckAsync();
        return Result.Of(pairs, "events/s");
    }

    private async Task<double> TurnAsync(SiloCluster cluster, Load load, ServerCpu cpu)
    {
        var (used, wal) = (cpu.Total(), await Server.WalBytesAsync());
        var outcome = await cluster.RunAsync(load);
        var events = (double)outcome.Events;
        figures.Add(cluster.Shape, new ScaleTurn(
            outcome.EventsPerSecond, outcome.EventsPerCommit, (cpu.Total() - used).TotalMicroseconds / events,
            outcome.CpuEach.TotalMicroseconds, (await Server.WalBytesAsync() - wal) / events));
        return outcome.EventsPerSecond;
    }
}
