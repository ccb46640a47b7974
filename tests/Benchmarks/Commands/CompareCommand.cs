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
        var report = new Report { Quick = asked.Quick, Machine = await DescribeAsync(folder, effort) };
        Console.WriteLine(Text.Table(report.Machine) + Environment.NewLine);

        foreach (var scenario in Scenarios.All.Where(one => asked.Wants(one.Measure.Id)))
        {
            await TryAsync(scenario.Measure.Id, folder, report, async () =>
            {
                var finding = await scenario.RunAsync(folder, effort);
                report.Findings.Add(finding);
                return $"{Text.Number(finding.Value)} ({finding.Detail})";
            });
        }

        await StandAsync(asked, folder, effort, report);
        report.Print(Stopwatch.GetElapsedTime(start));
        if (asked.Json is { } json) await File.WriteAllTextAsync(json, Json.Of(report.Findings));
        if (asked.Markdown is { } markdown) await File.WriteAllTextAsync(markdown, Markdown.Of(report));
        return report.Failures.Count == 0 ? 0 : 1;
    }

    private static async Task<IReadOnlyList<string[]>> DescribeAsync(DataFolder folder, Effort effort)
    {
        var syncs = await Syncs.MeasureAsync(folder, effort);
        var times = $"(p50, p99, p99.9: {Text.Of(syncs.Latencies!)})";
        return
        [
            ["syncs per second", $"{Text.Number(syncs.CommandsPerSecond)} {times}"], .. Machine.Describe(folder.Path),
        ];
    }

    private static async Task StandAsync(CompareArguments asked, DataFolder folder, Effort effort, Report report)
    {
        if (asked.Wants(CompareArguments.LatencyId))
        {
            await TryAsync(CompareArguments.LatencyId, folder, report, async () =>
            {
                report.Latencies = await Standing.LatenciesAsync(folder, effort);
                return "done";
            });
        }

        // A minute is too short for eight more; a quick run has them where it is asked for them alone.
        if (asked.Wants(CompareArguments.PeersId) && (!asked.Quick || asked.Only.Count > 0))
        {
            await TryAsync(CompareArguments.PeersId, folder, report, async () =>
            {
                report.Peers = await Standing.PeersAsync(folder, effort);
                return "done";
            });
        }
    }

    // One that fails does not take the others with it.
    private static async Task TryAsync(string id, DataFolder folder, Report report, Func<Task<string>> scenario)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var told = await scenario();
            Console.WriteLine($"  {id}: {told}, {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s");
        }
        catch (Exception fault)
        {
            report.Failures.Add($"{id} failed: {fault}");
            Console.WriteLine($"  {id} failed: {fault.Message}");
        }

        GC.Collect();
        folder.Clear();
    }
}
