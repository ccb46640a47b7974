using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>One contestant under one load, second by second: something to profile.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(RunArguments asked)
    {
        using var folder = new DataFolder(asked.Folder);
        await using var contestant = Contestants.Make(asked.Contestant);
        await contestant.Inner.StartAsync(folder.Next());
        var load = new Load(asked.Callers) { EventsEach = asked.Batch, Duration = WarmUp, Latencies = true };
        await contestant.RunAsync(load);
        Console.WriteLine($"{asked.Contestant}, process {Environment.ProcessId}, {asked.Callers} caller(s), "
            + $"{asked.Batch} event(s) a command; warm.");

        var paused = GC.GetTotalPauseDuration();
        var outcome = await contestant.RunAsync(load with { Duration = TimeSpan.FromSeconds(asked.Seconds) });
        paused = GC.GetTotalPauseDuration() - paused;
        await contestant.CheckAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
              commands/s         {outcome.CommandsPerSecond:N0}
              events/s           {outcome.EventsPerSecond:N0}
              bytes per command  {outcome.BytesPerCommand:N0}
              paused by the GC   {paused / outcome.Elapsed:P1}
              p50, p99, p99.9    {Text.Of(outcome.Latencies!)}
            """));
    }
}
