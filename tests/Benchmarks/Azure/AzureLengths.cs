namespace Granary.Benchmarks;

/// <summary>The table of all numbers of grains and all lengths of streams.</summary>
internal static class AzureLengths
{
    private static readonly (int Grains, int Commands)[] Grains = [(1, 20), (16, 10), (100, 5)];
    private static readonly int[] Lengths = [10, 100, 500];

    public static async Task<string> MeasureAsync(DataFolder folder, RunSize size)
    {
        await using var turns = await AzureTurns.StartAsync(folder, size);
        var rows = new List<string[]>
        {
            ((string[])["grains", "events", "Granary", "over tables", "over blobs", "ratios", "spread"]),
        };
        foreach (var (grains, commands) in Grains)
        {
            foreach (var length in Lengths)
            {
                var rates = await turns.MeasureAsync(new AzureShape(grains, length, commands), size.Of(5, 2));
                var (table, blob) = (Against(rates, 1), Against(rates, 2));
                rows.Add(
                [
                    $"{grains}", $"{length}", .. rates.Select(static one => Text.Number(one.Median)),
                    $"{Text.Number(table.Median)}, {Text.Number(blob.Median)}",
                    $"{Text.Percent(table.Spread)}, {Text.Percent(blob.Spread)}",
                ]);
            }
        }

        await turns.CheckAsync();
        return "Commands/s of one event each, from that event of each stream on. The ratios are Granary's to LogStorage's\n"
            + $"over tables and over blobs, the medians of the turns' ratios.\n\n{Text.Table(rows)}";
    }

    private static Series Against(Series[] rates, int other) =>
        Pairs.Of([.. rates[0].Values], [.. rates[other].Values]).Ratios;
}
