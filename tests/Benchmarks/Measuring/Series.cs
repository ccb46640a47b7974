namespace Granary.Benchmarks;

/// <summary>Figures of the same thing, measured over and over.</summary>
internal sealed record Series(IReadOnlyList<double> Values)
{
    public double Median { get; } = MedianOf(Values);

    /// <summary>How far they lie apart, in medians.</summary>
    public double Spread => (Values.Max() - Values.Min()) / Median;

    private static double MedianOf(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>Two that were measured in turns, and each turn's ratio of the first to the second.</summary>
internal sealed record Pairs(Series First, Series Second, Series Ratios)
{
    /// <summary>First, second, first, second: what drifts, drifts for both.</summary>
    public static async Task<Pairs> MeasureAsync(int turns, Func<Task<double>> first, Func<Task<double>> second)
    {
        var (firsts, seconds) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < turns; turn++)
        {
            firsts.Add(await MeasureAsync(first));
            seconds.Add(await MeasureAsync(second));
        }

        return new Pairs(
            new Series(firsts), new Series(seconds), new Series([.. firsts.Zip(seconds, static (a, b) => a / b)]));
    }

    // Nobody pays for what another left behind.
    private static async Task<double> MeasureAsync(Func<Task<double>> one)
    {
        GC.Collect();
        return await one();
    }
}
