using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>One contestant under one load: something to profile.</summary>
internal static class SingleRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(string name, Load load, string under)
    {
        using var folder = new DataFolder(under);
        await using var contestant = Contestants.Make(name);
        await contestant.Inner.StartAsync(folder.Next());
        await contestant.RunAsync(load with { Duration = WarmUp });
        Console.WriteLine($"{name}, process {Environment.ProcessId}, {load.Callers} caller(s), "
            + $"{load.EventsEach} event(s) a command; warm.");

        var paused = GC.GetTotalPauseDuration();
        var outcome = await contestant.RunAsync(load);
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
