using System.Diagnostics;
using System.Numerics;

namespace Granary.Benchmarks;

/// <summary>Repeated measurements of one figure.</summary>
internal sealed record Series(IReadOnlyList<double> Values)
{
    public double Median { get; } = MedianOf(Values);

    /// <summary>(greatest - least) / median.</summary>
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

        return Of(firsts, seconds);
    }

    public static Pairs Of(List<double> firsts, List<double> seconds) => new(
        new Series(firsts), new Series(seconds), new Series([.. firsts.Zip(seconds, static (a, b) => a / b)]));

    // The garbage of one measurement does not count in the next.
    private static async Task<double> MeasureAsync(Func<Task<double>> one)
    {
        GC.Collect();
        return await one();
    }
}

/// <summary>
/// A histogram of times with buckets at most 1/32 of their value wide: percentiles without keeping every time.
/// </summary>
internal sealed class Latencies
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;

    /// <summary>How many times are in each bucket.</summary>
    public int[] Counts { get; init; } = new int[(64 - StepBits + 1) * Steps];

    public void Add(long ticks) => Counts[BucketOf(ticks)]++;

    public void Add(Latencies other)
    {
        for (var at = 0; at < Counts.Length; at++) Counts[at] += other.Counts[at];
    }

    /// <summary>The time within which this share of the commands was answered.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Counts.Sum() * share);
        var seen = 0L;
        for (var at = 0; at < Counts.Length; at++)
        {
            seen += Counts[at];
            if (seen >= wanted && seen > 0) return Stopwatch.GetElapsedTime(0, UpperEnd(at));
        }

        return TimeSpan.Zero;
    }

    // Up to 32 every value has a bucket; above, each doubling is cut into 32.
    private static int BucketOf(long ticks)
    {
        if (ticks < Steps) return (int)Math.Max(0, ticks);
        var shift = BitOperations.Log2((ulong)ticks) - StepBits;
        return (shift + 1) * Steps + (int)(ticks >> shift) - Steps;
    }

    private static long UpperEnd(int at) =>
        at < Steps ? at : ((at % Steps) + Steps + 1L << (at / Steps - 1)) - 1;
}
