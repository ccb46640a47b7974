namespace Granary.Benchmarks;

/// <summary>The tables of several numbers of grains and lengths of streams.</summary>
internal static class AzureLengths
{
    private const int WarmUps = 2;

    // Single callers and few events are measured longer.
    private static readonly AzureShape[] All =
    [
        new(1, 10, 40), new(1, 100, 40), new(1, 500, 40),
        new(16, 10, 10), new(16, 100, 10), new(16, 500, 10), new(16, 2_000, 10),
        new(100, 10, 5), new(100, 100, 5), new(100, 500, 5),
    ];

    private static readonly AzureShape[] Some = [new(1, 100, 20), new(16, 100, 10), new(16, 500, 10), new(100, 100, 5)];
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(10);

    public static Task<string> MeasureAsync(DataFolder folder, RunSize size) =>
        TableAsync(All, folder, size, TimeSpan.Zero);

    public static async Task<string> MeasureSlowAsync(DataFolder folder, RunSize size) => $"""
        The same, where each request takes {Latency.TotalMilliseconds:N0} ms longer: what counts then is how many
        requests follow one another, and less what the emulator does. LogStorage's grains never wait for each other.
        Granary's that share a partition share its commits: a writer waits up to 2 ms for those that it has answered.


        """.ReplaceLineEndings("\n") + await TableAsync(Some, folder, size, Latency);

    public static async Task<string> MeasureLargeAsync(DataFolder folder, RunSize size)
    {
        using var larger = Noted.Lengthen(AzureScenario.LargeNote);
        return $"""
            The same with events of {AzureScenario.LargeNote:N0} bytes. LogStorage sends all of them with each commit;
            over tables it stops at about a megabyte, {1_000_000 / AzureScenario.LargeNote:N0} events.


            """.ReplaceLineEndings("\n") + await TableAsync(Some, folder, size, TimeSpan.Zero);
    }

    private static async Task<string> TableAsync(
        AzureShape[] shapes, DataFolder folder, RunSize size, TimeSpan latency)
    {
        var rows = new List<string[]>
        {
            ((string[])["grains", "events", "Granary", "over tables", "over blobs", "to tables", "spread", "to blobs",
                "spread"]),
        };
        foreach (var shape in shapes)
        {
            await using var turns = await AzureTurns.StartAsync(folder, WarmUps, latency);
            var rates = await turns.MeasureAsync(shape, size.Of(7, 2));
            await turns.CheckAsync();
            rows.Add(
            [
                $"{shape.Grains}", $"{shape.Events}", .. rates.Select(static one => Text.Number(one.Median)),
                .. Against(rates, 1), .. Against(rates, 2),
            ]);
        }

        return Text.Table(rows);
    }

    private static string[] Against(Series[] rates, int other)
    {
        var ratios = Pairs.Of([.. rates[0].Values], [.. rates[other].Values]).Ratios;
        return [Text.Number(ratios.Median), Text.Percent(ratios.Spread)];
    }
}
