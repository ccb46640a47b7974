namespace Granary.Benchmarks;

/// <summary>What a run of <c>compare</c> found.</summary>
internal sealed class Report
{
    public required bool Quick { get; init; }

    public required IReadOnlyList<string[]> Machine { get; init; }

    public List<Finding> Findings { get; } = [];

    public List<string> Failures { get; } = [];

    public IReadOnlyList<Standing> Latencies { get; set; } = [];

    public IReadOnlyList<Standing> Peers { get; set; } = [];

    public IReadOnlyList<string[]> FindingRows =>
    [
        ["id", "value", "at least", "aim", "spread", "met", "found"],
        .. Findings.Select(Row),
    ];

    public static IReadOnlyList<string[]> StandingRows(IReadOnlyList<Standing> standings) =>
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
