namespace Granary.Runtime;

/// <summary>
/// The wait after a batch that has reached the end of the log. A batch takes time from the appenders however few events
/// it has; the more are appended, the longer the wait, so that there are fewer batches, and a row that many events
/// change is written less often. Who waits for a position ends it.
/// </summary>
internal sealed class Gathering(WorkerProgress progress, TimeProvider time)
{
    private const double RateMin = 200;

    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(100);

    private long? _last;

    /// <summary>Waits, as long as the rate of events since the batch before says.</summary>
    public async Task WaitAsync(int events, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var since = _last is { } last ? time.GetElapsedTime(last, now) : TimeSpan.Zero;
        _last = now;
        var delay = DelayAt(since > TimeSpan.Zero ? events / since.TotalSeconds : 0);
        if (delay == TimeSpan.Zero) return;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var enough = Task.Delay(delay, time, ends.Token);
        await Task.WhenAny(enough, progress.WaitForWaiterAsync());
        await ends.CancelAsync();
        await enough.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// The wait at a rate, in events a second: none where there are few, and then 4 ms for each 1,000.
    /// </summary>
    public static TimeSpan DelayAt(double rate)
    {
        if (rate < RateMin) return TimeSpan.Zero;
        var delay = TimeSpan.FromMilliseconds(Math.Min(rate / 250, DelayMax.TotalMilliseconds));
        return delay > DelayMin ? delay : DelayMin;
    }
}
