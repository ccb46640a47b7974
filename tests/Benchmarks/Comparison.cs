using System.Diagnostics;
using Granary.Tests;

namespace Granary.Benchmarks;

/// <summary>Measures the rows of a suite one after another, and reports them.</summary>
/// <param name="suite">The suite.</param>
/// <param name="under">The folder for the data.</param>
/// <param name="quick">Whether the run is to last minutes.</param>
/// <param name="only">The ids of what is measured; empty for all.</param>
internal sealed class Comparison(Suite suite, string under, bool quick, string[] only)
{
    private readonly RunSize _size = new(quick);

    /// <summary>Returns 0, or 1 where a scenario failed; a bound that is not met is no failure.</summary>
    public async Task<int> RunAsync(FileInfo? markdown)
    {
        if (suite.NeedsAzure && AzuriteServer.SkipReason is { } reason)
        {
            Console.WriteLine($"Skipped: {reason}");
            return 0;
        }

        // A file that cannot be written fails now, and not at the end of a long run.
        if (markdown is not null) await markdown.Open(FileMode.OpenOrCreate).DisposeAsync();
        using var folder = new DataFolder(under);
        var start = Stopwatch.GetTimestamp();
        var report = new Report(suite, quick, await Machine.DescribeAsync(folder, _size, suite.NeedsPostgres));
        Console.WriteLine(Text.Table(report.Machine) + Environment.NewLine);

        foreach (var row in suite.Rows)
        {
            await TryAsync(row.Id, folder, report, async () =>
            {
                var result = await row.Scenario.RunAsync(folder, _size);
                report.Results.Add((row, result));
                return $"{Text.Number(result.Value)} ({result.Detail})";
            });
        }

        foreach (var extra in suite.Extras)
        {
            // Some would take as long as all rows: a quick run has them only where they are selected.
            if (quick && !extra.IsQuick && only.Length == 0) continue;
            await TryAsync(extra.Id, folder, report, async () =>
            {
                report.Tables.Add((extra.Title, await extra.MeasureAsync(folder, _size)));
                return "done";
            });
        }

        report.Print(Stopwatch.GetElapsedTime(start));
        if (markdown is not null) await Page.WriteAsync(markdown, suite, report.ToPart());
        return report.Failures.Count == 0 ? 0 : 1;
    }

    // One that fails does not stop the others.
    private async Task TryAsync(string id, DataFolder folder, Report report, Func<Task<string>> measure)
    {
        if (only.Length > 0 && !only.Contains(id)) return;
        var start = Stopwatch.GetTimestamp();
        try
        {
            var found = await measure();
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
