using System.Collections.Concurrent;

namespace Granary.Tests.Unit.Processes;

/// <summary>The calls of a process, and whether the next one fails.</summary>
public sealed class WatchCalls
{
    private int _fails;

    /// <summary>When every watch ends.</summary>
    public static DateTimeOffset Due { get; } = new(2026, 1, 1, 1, 0, 0, TimeSpan.Zero);

    /// <summary>All of them.</summary>
    public ConcurrentQueue<string> All { get; } = new();

    /// <summary>The next deadline fails.</summary>
    public void FailNext() => Volatile.Write(ref _fails, 1);

    internal void Add(string call) => All.Enqueue(call);

    internal bool FailsOnce() => Interlocked.Exchange(ref _fails, 0) == 1;
}
