using System.Diagnostics;
using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>One stream that grows, until it does not any more.</summary>
internal static class AzureStop
{
    private const int Step = 100, Singles = 20;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(15);

    public static async Task<string> MeasureAsync(DataFolder folder, RunSize size)
    {
        int[] marks = size.Of<int[]>([100, 1_000, 4_000, 10_000], [100, 5_000]);
        var rows = new List<string[]>
        {
            ((string[])["", .. marks.Select(static one => $"at {one.ToString("N0", CultureInfo.InvariantCulture)}"),
                "in the end"]),
        };
        foreach (var name in (string[])["granary-azure", "logstorage-table", "logstorage-blob"])
            rows.Add([Candidates.WhatOf(name), .. await GrowAsync(name, marks, folder)]);
        return $"""
            One grain, filled by {Step} events a command; commands/s of {Singles} commands with one event each at a
            length. What is not answered within {AnswerMax.TotalSeconds:N0} s counts as not answered.


            """.ReplaceLineEndings("\n") + Text.Table(rows);
    }

    private static async Task<string[]> GrowAsync(string name, int[] marks, DataFolder folder)
    {
        await using var candidate = Candidates.Make(name);
        await candidate.Inner.StartAsync(folder.Next());
        var orleans = (OrleansCandidate)candidate.Inner;
        var grain = orleans.Silo.Tally(orleans.Kind, 0);
        var (cells, events) = (marks.Select(static _ => "").ToArray(), 0L);
        try
        {
            for (var at = 0; at < marks.Length; at++)
            {
                while (events < marks[at]) events = await grain.AddMany(Step).WaitAsync(AnswerMax, TimeProvider.System);
                var start = Stopwatch.GetTimestamp();
                for (var single = 0; single < Singles; single++)
                    events = await grain.Add(1).WaitAsync(AnswerMax, TimeProvider.System);
                cells[at] = Text.Number(Singles / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return [.. cells, "goes on"];
        }
        catch (TimeoutException)
        {
            return [.. cells, string.Create(CultureInfo.InvariantCulture, $"no answer after event {events:N0}")];
        }
    }
}
