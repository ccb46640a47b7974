using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>Sends at a steady rate, as it is due, whether or not what was sent before is answered.</summary>
internal static class Steady
{
    public const int PerSecond = 5_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    /// <summary>Sends for a while, waits for all answers, and returns how many were sent in a second.</summary>
    public static async Task<double> SendAsync(TimeSpan duration, Func<int, Task> send)
    {
        var running = new List<Task>();
        var (sent, start) = (0, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < duration)
        {
            for (var due = (int)(elapsed.TotalSeconds * PerSecond); sent < due; sent++) running.Add(send(sent));
            await timer.WaitForNextTickAsync();
        }

        await Task.WhenAll(running);
        return sent / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
