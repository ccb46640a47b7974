using System.Globalization;
using System.Text.Json;

namespace Granary.Benchmarks;

/// <summary>What a run of <c>compare</c> found, for people and for programs.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions JsonOptions =
        new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required bool Quick { get; init; }

    public required IReadOnlyList<string[]> Machine { get; init; }

    public List<Finding> Findings { get; } = [];

    public List<string> Failures { get; } = [];

    public IReadOnlyList<Standing> Latencies { get; set; } = [];

    public IReadOnlyList<Standing> Peers { get; set; } = [];

    private IReadOnlyList<string[]> FindingRows =>
    [
        ["id", "value", "at least", "aim", "spread", "met", "found"],
        .. Findings.Select(Row),
    ];

    private static IReadOnlyList<string[]> StandingRows(IReadOnlyList<Standing> standings) =>
    [
        ["who", "callers", "commands/s", "p50", "p99", "p99.9", "bytes a command"],
        .. standings.Select(static one => (string[])
        [
            one.Who, Text.Number(one.Callers), Text.Number(one.Outcome.CommandsPerSecond),
            Text.Milliseconds(one.Outcome.Latencies!.Percentile(0.5)),
            Text.Milliseconds(one.Outcome.Latencies.Percentile(0.99)),
            Text.Milliseconds(one.Outcome.Latencies.Percentile(0.999)),
            Text.Number(one.Outcome.BytesPerCommand),
        ]),
    ];

    public void Print(TimeSpan took)
    {
        Console.WriteLine();
        if (Findings.Count > 0) Console.WriteLine(Text.Table(FindingRows) + Environment.NewLine);
        if (Latencies.Count > 0) Console.WriteLine(Text.Table(StandingRows(Latencies)) + Environment.NewLine);
        if (Peers.Count > 0) Console.WriteLine(Text.Table(StandingRows(Peers)) + Environment.NewLine);
        foreach (var failure in Failures) Console.WriteLine(failure);
        Console.WriteLine($"{(Quick ? "A quick run, so a hint: " : "")}{took.TotalSeconds:N0} s.");
    }

    /// <summary>The findings for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        Findings.Select(static one => new
        {
            one.Measure.Id,
            Value = Math.Round(one.Value, 4),
            one.Measure.Least,
            one.Measure.Aim,
            Spread = Math.Round(one.Spread, 4),
        }),
        JsonOptions);

    /// <summary>The page docs/performance.md: method, machine, tables, limits, and how to repeat it.</summary>
    public string ToPage() => string.Join('\n',
    [
        "# Performance", "", string.Format(null, Method.Text, Noted.Json.Length).ReplaceLineEndings("\n"), "",
        "## Machine", "", Text.Table([["", ""], .. Machine]), "",
        "## Measures", "",
        .. Quick ? ["**From a quick run: a hint, not a result.**", ""] : Array.Empty<string>(),
        Text.Table(FindingRows), "",
        "## What they are, and what limits them", "",
        Text.Table([["id", "measure", "limited by"], .. Findings.Select(static one =>
            (string[])[one.Measure.Id, one.Measure.What, one.Measure.Limit])]), "",
        .. Standings("Latency", Latencies), .. Standings("All contestants", Peers),
    ]);

    private static string[] Standings(string title, IReadOnlyList<Standing> standings) => standings.Count == 0
        ? []
        : [$"## {title}", "", Text.Table(StandingRows(standings)), ""];

    private static string[] Row(Finding found)
    {
        var measure = found.Measure;
        var most = measure.LessIsBetter ? "at most " : "";
        return
        [
            measure.Id, Text.Number(found.Value), most + Text.Number(measure.Least), Text.Number(measure.Aim),
            Text.Percent(found.Spread),
            measure.Meets(found.Value, measure.Aim) ? "yes, the aim"
                : measure.Meets(found.Value, measure.Least) ? "yes" : "no",
            found.Detail + (found.Scaled is { } scaled ? $"; only {scaled}" : ""),
        ];
    }
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

    public static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "");

    public static string Milliseconds(TimeSpan time) => Number(time.TotalMilliseconds) + " ms";

    public static string Of(Latencies latencies) => string.Join(
        ", ", new[] { 0.5, 0.99, 0.999 }.Select(share => Milliseconds(latencies.Percentile(share))));

    /// <summary>Rows as a table in Markdown, as wide as they are.</summary>
    public static string Table(IReadOnlyList<string[]> rows)
    {
        var lines = rows.Select(static row => $"| {string.Join(" | ", row)} |").ToList();
        lines.Insert(1, "|" + string.Concat(Enumerable.Repeat("---|", rows[0].Length)));
        return string.Join('\n', lines);
    }
}
