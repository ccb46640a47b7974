using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>How figures are written.</summary>
internal static class Text
{
    public static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("N1", CultureInfo.InvariantCulture),
        _ => value.ToString("N2", CultureInfo.InvariantCulture),
    };

    public static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "");

    public static string Milliseconds(TimeSpan time) => Number(time.TotalMilliseconds) + " ms";

    public static string Of(Latencies latencies) => string.Join(
        ", ", new[] { 0.5, 0.99, 0.999 }.Select(share => Milliseconds(latencies.Percentile(share))));

    /// <summary>Columns as wide as their widest cell.</summary>
    public static string Table(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(at => rows.Max(row => row[at].Length)).ToArray();
        return string.Join(Environment.NewLine, rows.Select(row =>
            string.Join("  ", row.Select((cell, at) => cell.PadRight(widths[at]))).TrimEnd()));
    }

    /// <summary>The same as Markdown.</summary>
    public static string MarkdownTable(IReadOnlyList<string[]> rows)
    {
        var lines = rows.Select(static row => $"| {string.Join(" | ", row)} |").ToList();
        lines.Insert(1, "|" + string.Concat(Enumerable.Repeat("---|", rows[0].Length)));
        return string.Join('\n', lines);
    }
}
