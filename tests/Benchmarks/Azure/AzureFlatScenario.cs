using Granary.Storage.AzureStorage;

namespace Granary.Benchmarks;

/// <summary>Granary at the end of long streams against at the end of short ones.</summary>
internal sealed class AzureFlatScenario : IScenario
{
    private const int Grains = 16, Short = 10, FillEach = 500, Commands = 20;

    private static readonly int Partitions = new AzureStoreOptions().PartitionCount;

    private int _nextGrain = Grains;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var length = size.Of(10_000, 2_000);
        await using var granary = Candidates.Make("granary-azure");
        await granary.Inner.StartAsync(folder.Next());
        var filled = new Load(Grains) { CommandsEach = length / FillEach, EventsEach = FillEach };
        await granary.RunAsync(filled);
        for (var warm = 0; warm < size.Of(5, 1); warm++) await LongAsync(granary);

        var pairs = await Pairs.MeasureAsync(
            size.Of(15, 5), () => LongAsync(granary), () => ShortAsync(granary));
        await granary.CheckAsync();
        return Result.Of(pairs, "commands/s") with { Scaled = size.Quick ? $"{length:N0} events" : null };
    }

    // Both have had a command just before.
    private static async Task<double> LongAsync(Counted granary)
    {
        await granary.RunAsync(new Load(Grains) { CommandsEach = 1, EventsEach = Short });
        return (await granary.RunAsync(new Load(Grains) { CommandsEach = Commands })).CommandsPerSecond;
    }

    private async Task<double> ShortAsync(Counted granary)
    {
        var load = new Load(Grains) { Grains = NextGrains(), CommandsEach = 1, EventsEach = Short };
        await granary.RunAsync(load);
        return (await granary.RunAsync(load with { CommandsEach = Commands, EventsEach = 1 })).CommandsPerSecond;
    }

    // In the partitions of the long ones: grains of one partition wait for each other, and its rows slow the emulator.
    private int[] NextGrains()
    {
        var (found, wanted) = (new List<int>(), Enumerable.Range(0, Grains).Select(PartitionOf).ToList());
        for (; wanted.Count > 0; _nextGrain++)
        {
            if (wanted.Remove(PartitionOf(_nextGrain))) found.Add(_nextGrain);
        }

        return [.. found];
    }

    private static int PartitionOf(int grain) =>
        LogPartition.Of(OnGranaryCandidate.StreamOf(grain), Partitions).Value;
}
