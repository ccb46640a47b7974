using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>One thread that does one thing over and over.</summary>
internal static class BareLoop
{
    public static Task<Outcome> RunAsync(Load load, Action once) =>
        Task.Factory.StartNew(() => Run(load, once), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static Outcome Run(Load load, Action once)
    {
        var latencies = load.Latencies ? new Latencies() : null;
        var most = load.CommandsEach ?? int.MaxValue;
        var duration = load.CommandsEach is null ? load.Duration : TimeSpan.MaxValue;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var (done, elapsed) = (0L, TimeSpan.Zero);
        for (var last = start; done < most && elapsed < duration; done++)
        {
            once();
            var now = Stopwatch.GetTimestamp();
            latencies?.Add(now - last);
            last = now;
            elapsed = Stopwatch.GetElapsedTime(start, now);
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Outcome(done, done * load.EventsEach, elapsed, allocated, latencies);
    }
}
