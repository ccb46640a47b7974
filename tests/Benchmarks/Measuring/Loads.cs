using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Granary.Benchmarks;

/// <summary>The load of one run. A caller has a grain of its own and waits for answers.</summary>
/// <param name="Callers">How many call at the same time.</param>
internal sealed record Load(int Callers)
{
    /// <summary>How many events a command raises; for a bare loop, how many a commit holds.</summary>
    public int EventsEach { get; init; } = 1;

    /// <summary>How long commands are sent; what was sent by then is waited for.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many commands a caller sends, instead of a duration.</summary>
    public int? CommandsEach { get; init; }

    /// <summary>The first caller's grain.</summary>
    public int FirstGrain { get; init; }

    /// <summary>The callers' grains, where they are not those from the first one on.</summary>
    public IReadOnlyList<int>? Grains { get; init; }

    /// <summary>Whether each command is timed alone.</summary>
    public bool Latencies { get; init; }

    /// <summary>The grain of a caller.</summary>
    public int GrainOf(int caller) => Grains?[caller] ?? FirstGrain + caller;
}

/// <summary>The result of a run.</summary>
/// <param name="Commands">How many commands were confirmed.</param>
/// <param name="Events">How many events these raised.</param>
/// <param name="Elapsed">From the first command sent to the last answer.</param>
/// <param name="Allocated">Bytes allocated by the whole process meanwhile.</param>
/// <param name="Latencies">The time of each command, where the load has <c>Latencies</c>.</param>
internal sealed record Outcome(long Commands, long Events, TimeSpan Elapsed, long Allocated, Latencies? Latencies)
{
    public double CommandsPerSecond => Commands / Elapsed.TotalSeconds;

    public double EventsPerSecond => Events / Elapsed.TotalSeconds;

    public double BytesPerCommand => (double)Allocated / Commands;
}

/// <summary>Runs a load: every caller sends its next command when the last one was answered.</summary>
internal static class Callers
{
    /// <param name="load">The load.</param>
    /// <param name="caller">What a caller does once; made before the clock runs.</param>
    /// <param name="isFair">
    /// Whether a caller lets all others run after its answer. Callers at sockets need not: they run as their answers
    /// arrive.
    /// </param>
    public static async Task<Outcome> RunAsync(Load load, Func<int, Func<Task>> caller, bool isFair = true)
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
            var turn = isFair ? new FairTurn() : null;
            running[at] = Task.Run(() => SendAsync(send, load.CommandsEach ?? int.MaxValue, stop, turn, times));
        }

        var commands = (await Task.WhenAll(running)).Sum();
        var elapsed = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Outcome(commands, commands * load.EventsEach, elapsed, allocated, Merge(latencies));
    }

    private static async Task<long> SendAsync(
        Func<Task> send, int most, CancellationTokenSource stop, FairTurn? turn, Latencies? latencies)
    {
        var sent = 0;
        while (sent < most && !stop.IsCancellationRequested)
        {
            var start = latencies is null ? 0 : Stopwatch.GetTimestamp();
            await send();
            latencies?.Add(Stopwatch.GetTimestamp() - start);
            sent++;
            if (turn is not null) await turn;
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

/// <summary>
/// Awaited by a caller, it lets all other callers run first; allocates nothing. A thread of the pool prefers what it
/// has queued itself, so a caller whose answers come on its own thread would be served alone.
/// </summary>
internal sealed class FairTurn : ICriticalNotifyCompletion, IThreadPoolWorkItem
{
    private Action? _next;

    public bool IsCompleted => false;

    public FairTurn GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        _next = continuation;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _next!();
}
