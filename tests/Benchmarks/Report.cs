using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>The results of a run of a suite, as tables.</summary>
internal sealed class Report(Suite suite, bool quick, IReadOnlyList<string[]> machine)
{
    public IReadOnlyList<string[]> Machine => machine;

    public List<(Row Row, Result Result)> Results { get; } = [];

    public List<string> Failures { get; } = [];

    /// <summary>What was measured beside the rows, each with its title.</summary>
    public List<(string Title, string Text)> Tables { get; } = [];

    private bool IsBusy => machine.FirstOrDefault(static one => one[0] == Benchmarks.Machine.LoadName) is { } load
        && double.TryParse(load[1].Split(',')[0], CultureInfo.InvariantCulture, out var tasks)
        && tasks > 2 * Environment.ProcessorCount;

    private string ResultTable => Text.Table(
    [
        ["id", "value", "at least", "aim", "spread", "met", "found"],
        .. Results.Select(static one => Cells(one.Row, one.Result)),
    ]);

    public void Print(TimeSpan took)
    {
        Console.WriteLine();
        if (Results.Count > 0) Console.WriteLine(ResultTable + Environment.NewLine);
        foreach (var (_, text) in Tables) Console.WriteLine(text + Environment.NewLine);
        foreach (var failure in Failures) Console.WriteLine(failure);
        Console.WriteLine($"{(quick ? "A quick run, so a hint: " : "")}{took.TotalSeconds:N0} s.");
    }

    /// <summary>The suite's part of its page: method, machine, tables and limits.</summary>
    public string ToPart() => string.Join('\n',
    [
        $"## {suite.Title}", "", suite.Method.ReplaceLineEndings("\n"), "",
        "### Machine", "", Text.Table([["", ""], .. machine]), "",
        .. IsBusy ? ["**Other work kept the machine busy: what spreads far is a hint, not a result.**", ""]
            : Array.Empty<string>(),
        .. quick ? ["**From a quick run: a hint, not a result.**", ""] : Array.Empty<string>(),
        .. Results.Count == 0 ? Array.Empty<string>() : ["### Measures", "", ResultTable, "", .. Limits()],
        .. Tables.SelectMany(static one => (string[])[$"### {one.Title}", "", one.Text, ""]),
    ]);

    private IEnumerable<string> Limits() =>
    [
        "### What they are, and what limits them", "",
        Text.Table([["id", "measure", "limited by"], .. Results.Select(static one =>
            (string[])[one.Row.Id, one.Row.What, one.Row.Limit])]), "",
    ];

    private static string[] Cells(Row row, Result result) =>
    [
        row.Id, Text.Number(result.Value), (row.LessIsBetter ? "at most " : "") + Text.Number(row.Least),
        Text.Number(row.Aim), Text.Percent(result.Spread),
        row.Meets(result.Value, row.Aim) ? "yes, the aim" : row.Meets(result.Value, row.Least) ? "yes" : "no",
        result.Detail + (result.Scaled is { } scaled ? $"; only {scaled}" : ""),
    ];
}

/// <summary>How figures are written.</summary>
internal static class Text
{
    public static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("N1", CultureInfo.InvariantCulture),
        _ => value.ToString("N2", CultureInfo.InvariantCulture),
    };

    public static string Percent(double share) =>
        share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "");

    public static string Of(Latencies latencies) => string.Join(", ", Percentiles(latencies));

    /// <summary>p50, p99 and p99.9.</summary>
    public static IEnumerable<string> Percentiles(Latencies latencies) => new[] { 0.5, 0.99, 0.999 }
        .Select(share => Number(latencies.Percentile(share).TotalMilliseconds) + " ms");

    /// <summary>Rows as a table in Markdown, without padding.</summary>
    public static string Table(IReadOnlyList<string[]> rows)
    {
        var lines = rows.Select(static row => $"| {string.Join(" | ", row)} |").ToList();
        lines.Insert(1, "|" + string.Concat(Enumerable.Repeat("---|", rows[0].Length)));
        return string.Join('\n', lines);
    }
}
