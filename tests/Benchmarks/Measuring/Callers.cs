using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>Runs a load: every caller sends its next command when the last one was answered.</summary>
internal static class Callers
{
    /// <param name="load">What is asked.</param>
    /// <param name="caller">What a caller does once; made before the clock runs.</param>
    public static async Task<Outcome> RunAsync(Load load, Func<int, Func<Task>> caller)
    {
        var sends = Enumerable.Range(0, load.Callers).Select(caller).ToArray();
        var latencies = sends.Select(_ => load.Latencies ? new Latencies() : null).ToArray();
        using var stop = load.CommandsEach is null
            ? new CancellationTokenSource(load.Duration, TimeProvider.System)
            : new CancellationTokenSource();

        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var running = new Task<long>[sends.Length];
        for (var at = 0; at < sends.Length; at++)
        {
            var (send, times) = (sends[at], latencies[at]);
            running[at] = Task.Run(() => times is null
                ? SendAsync(send, load.CommandsEach ?? int.MaxValue, stop)
                : SendTimedAsync(send, load.CommandsEach ?? int.MaxValue, stop, times));
        }

        var commands = (await Task.WhenAll(running)).Sum();
        var elapsed = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Outcome(commands, commands * load.EventsEach, elapsed, allocated, Merge(latencies));
    }

    private static async Task<long> SendAsync(Func<Task> send, int most, CancellationTokenSource stop)
    {
        var (sent, turn) = (0, new FairTurn());
        while (sent < most && !stop.IsCancellationRequested)
        {
            await send();
            sent++;
            await turn;
        }

        return sent;
    }

    private static async Task<long> SendTimedAsync(
        Func<Task> send, int most, CancellationTokenSource stop, Latencies latencies)
    {
        var (sent, turn) = (0, new FairTurn());
        while (sent < most && !stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            await send();
            latencies.Add(Stopwatch.GetTimestamp() - start);
            sent++;
            await turn;
        }

        return sent;
    }

    private static Latencies? Merge(Latencies?[] each)
    {
        if (each[0] is null) return null;
        var all = new Latencies();
        foreach (var one in each) all.Add(one!);
        return all;
    }
}
