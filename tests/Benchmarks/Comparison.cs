using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>Runs the scenarios one after another and reports what they found.</summary>
/// <param name="under">The folder for the data.</param>
/// <param name="quick">Whether a minute must do.</param>
/// <param name="only">The ids of the rows to run; empty for all.</param>
internal sealed class Comparison(string under, bool quick, string[] only)
{
    /// <summary>The table of all contestants side by side.</summary>
    private const string PeersId = "peers";

    /// <summary>The table of latencies.</summary>
    private const string LatencyId = "latency";

    private readonly Effort _effort = new(quick);

    /// <summary>Everything that can be asked for by id.</summary>
    public static IEnumerable<string> Ids => Scenarios.All.Select(static one => one.Measure.Id)
        .Append(PeersId).Append(LatencyId);

    /// <summary>Returns 0, or 1 where a scenario failed; a bound that is not met is no failure.</summary>
    public async Task<int> RunAsync(FileInfo? json, FileInfo? markdown)
    {
        // A file that cannot be written is noticed now, and not at the end of a long run.
        foreach (var file in new[] { json, markdown }.OfType<FileInfo>())
            await file.Open(FileMode.OpenOrCreate).DisposeAsync();
        using var folder = new DataFolder(under);
        var start = Stopwatch.GetTimestamp();
        var report = new Report { Quick = quick, Machine = await DescribeAsync(folder) };
        Console.WriteLine(Text.Table(report.Machine) + Environment.NewLine);

        foreach (var scenario in Scenarios.All.Where(one => IsAskedFor(one.Measure.Id)))
        {
            await TryAsync(scenario.Measure.Id, folder, report, async () =>
            {
                var finding = await scenario.RunAsync(folder, _effort);
                report.Findings.Add(finding);
                return $"{Text.Number(finding.Value)} ({finding.Detail})";
            });
        }

        await RunTablesAsync(folder, report);
        report.Print(Stopwatch.GetElapsedTime(start));
        if (json is not null) await File.WriteAllTextAsync(json.FullName, report.ToJson());
        if (markdown is not null) await File.WriteAllTextAsync(markdown.FullName, report.ToPage());
        return report.Failures.Count == 0 ? 0 : 1;
    }

    private bool IsAskedFor(string id) => only.Length == 0 || only.Contains(id);

    private async Task<IReadOnlyList<string[]>> DescribeAsync(DataFolder folder)
    {
        var syncs = await Syncs.MeasureAsync(folder, _effort);
        var times = $"(p50, p99, p99.9: {Text.Of(syncs.Latencies!)})";
        return
        [
            ["syncs per second", $"{Text.Number(syncs.CommandsPerSecond)} {times}"], .. Machine.Describe(folder.Path),
        ];
    }

    private async Task RunTablesAsync(DataFolder folder, Report report)
    {
        if (IsAskedFor(LatencyId))
        {
            await TryAsync(LatencyId, folder, report, async () =>
            {
                report.Latencies = await Standing.LatenciesAsync(folder, _effort);
                return "done";
            });
        }

        // A minute is too short for eight more; a quick run has them where it is asked for them alone.
        if (IsAskedFor(PeersId) && (!quick || only.Length > 0))
        {
            await TryAsync(PeersId, folder, report, async () =>
            {
                report.Peers = await Standing.PeersAsync(folder, _effort);
                return "done";
            });
        }
    }

    // One that fails does not stop the others.
    private static async Task TryAsync(string id, DataFolder folder, Report report, Func<Task<string>> scenario)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var found = await scenario();
            Console.WriteLine($"  {id}: {found}, {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s");
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
