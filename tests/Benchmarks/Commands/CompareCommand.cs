using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>Runs the scenarios one after another and tells what they found.</summary>
internal static class CompareCommand
{
    /// <summary>Answers 0, or 1 where a scenario failed; bounds that are not met are no failure.</summary>
    public static async Task<int> RunAsync(CompareArguments asked)
    {
        using var folder = new DataFolder(asked.Folder);
        var effort = new Effort(asked.Quick);
        var start = Stopwatch.GetTimestamp();
        var syncs = await Syncs.MeasureAsync(folder, effort);
        var report = new Report
        {
            Quick = asked.Quick,
            Machine =
            [
                ["syncs per second", $"{Text.Number(syncs.CommandsPerSecond)} (p50, p99, p99.9: {Text.Of(syncs.Latencies!)})"],
                .. Machine.Describe(folder.Path),
            ],
        };
        Console.WriteLine(Text.Table(report.Machine));
        Console.WriteLine();

        foreach (var scenario in Scenarios.All.Where(one => asked.Wants(one.Measure.Id)))
            await RunAsync(scenario, folder, effort, report);
        if (asked.Wants(CompareArguments.LatencyId))
            report.Latencies = await Standing.LatenciesAsync(folder, effort);
        if (asked.Wants(CompareArguments.PeersId) && !(asked.Quick && asked.Only.Count == 0))
            report.Peers = await Standing.PeersAsync(folder, effort);

        report.Print(Stopwatch.GetElapsedTime(start));
        if (asked.Json is { } json) await File.WriteAllTextAsync(json, Json.Of(report.Findings));
        if (asked.Markdown is { } markdown) await File.WriteAllTextAsync(markdown, Markdown.Of(report));
        return report.Failures.Count == 0 ? 0 : 1;
    }

    // One that fails does not take the others with it.
    private static async Task RunAsync(IScenario scenario, DataFolder folder, Effort effort, Report report)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var finding = await scenario.RunAsync(folder, effort);
            report.Findings.Add(finding);
            await Console.Error.WriteLineAsync(
                $"  {finding.Measure.Id}: {Text.Number(finding.Value)} ({finding.Detail}), "
                + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s");
        }
        catch (Exception fault)
        {
            report.Failures.Add($"{scenario.Measure.Id} failed: {fault}");
            await Console.Error.WriteLineAsync($"  {scenario.Measure.Id} failed: {fault.Message}");
        }

        GC.Collect();
        folder.Clear();
    }
}
