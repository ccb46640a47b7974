namespace Granary.Benchmarks;

/// <summary>
/// The heap before and after thousands of grains were called once: plain ones, then ours, and what ours hold more.
/// </summary>
internal sealed class BytesPerActivationScenario : IScenario
{
    // More than the store keeps of its log's end in memory: what it keeps is the same before and after.
    private const int FillerEvents = 210_000;
    private const int AtOnce = 200;

    private int _filled;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var grains = size.Of(20_000, 2_000);
        await using var granary = new GranaryCandidate();
        await granary.StartAsync(folder.Next());
        await ActivateAsync(granary, PlainTally.Kind, -grains, grains / 4);
        await ActivateAsync(granary, GranaryTally.Kind, -grains, grains / 4);

        var (plain, ours) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < size.Of(3, 2); turn++)
        {
            var before = await HeapAsync(granary);
            await ActivateAsync(granary, PlainTally.Kind, turn * grains, grains);
            var between = await HeapAsync(granary);
            await ActivateAsync(granary, GranaryTally.Kind, turn * grains, grains);
            var after = await HeapAsync(granary);
            plain.Add((double)(between - before) / grains);
            ours.Add((double)(after - between) / grains);
        }

        var more = new Series([.. ours.Zip(plain, static (a, b) => a - b)]);
        return new Result(more.Median, more.Spread,
            $"{Text.Number(new Series(ours).Median)} against {Text.Number(new Series(plain).Median)} bytes")
        {
            Scaled = size.Quick ? $"{grains:N0} grains" : null,
        };
    }

    private static async Task ActivateAsync(GranaryCandidate granary, string kind, int first, int grains)
    {
        for (var at = 0; at < grains; at += AtOnce)
        {
            var answers = await Task.WhenAll(Enumerable.Range(first + at, Math.Min(AtOnce, grains - at))
                .Select(grain => granary.Silo.Tally(kind, grain).Add(1)));
            if (answers.Any(static events => events != 1)) throw new InvalidDataException("A grain was not fresh.");
        }
    }

    private async Task<long> HeapAsync(GranaryCandidate granary)
    {
        await Filling.AddAsync(granary.Store, new StreamName("filler", "1"), FillerEvents, _filled);
        _filled += FillerEvents;
        for (var times = 0; times < 3; times++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
