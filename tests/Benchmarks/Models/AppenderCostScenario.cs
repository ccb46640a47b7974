namespace Granary.Benchmarks;

/// <summary>Commands confirmed/s while the projection runs, against while it is paused, in turns in one silo.</summary>
/// <param name="kind">The store.</param>
internal sealed class AppenderCostScenario(StoreKind kind) : IScenario
{
    private const int Grains = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var silo = await ModelSilo.StartAsync(kind, folder.Next());
        var load = new Load(Grains) { Duration = size.Turn };
        for (var turn = 0; turn < size.Of(6, 4); turn++) await silo.RunAsync(load);
        var passed = new List<double>();
        var pairs = await Pairs.MeasureAsync(size.Turns, WithAsync, WithoutAsync);
        await silo.ResumeAsync();
        await silo.CheckAsync(Grains);
        return Result.Of(pairs, "commands/s") with
        {
            Detail = $"{Text.Number(pairs.First.Median)} against {Text.Number(pairs.Second.Median)} commands/s; the "
                + $"projection passed {Text.Number(new Series(passed).Median)} events/s meanwhile",
        };

        async Task<double> WithAsync()
        {
            await silo.ResumeAsync();
            await silo.CatchUpAsync();
            var before = await PassedAsync();
            var outcome = await silo.RunAsync(load);
            passed.Add((await PassedAsync() - before) / outcome.Elapsed.TotalSeconds);
            return outcome.CommandsPerSecond;
        }

        async Task<double> WithoutAsync()
        {
            await silo.CatchUpAsync();
            await silo.PauseAsync();
            return (await silo.RunAsync(load)).CommandsPerSecond;
        }

        async Task<long> PassedAsync() => (await silo.ReadStatusAsync()).Sum(static one => one.Position.Position.Value);
    }
}
