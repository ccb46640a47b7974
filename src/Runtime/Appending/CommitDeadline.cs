namespace Granary.Runtime;

/// <summary>
/// Bounds the time of a commit: the store may block the writer's thread, so what happens then runs on another one.
/// </summary>
/// <param name="timeout">How long a commit may take.</param>
/// <param name="time">The clock.</param>
internal sealed class CommitDeadline(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _begun;
    private Action<TimeSpan>? _expired;

    /// <summary>Begins to wait.</summary>
    /// <param name="expired">
    /// Called each time that the time has run out and the commit has not ended; never after <see cref="End"/>.
    /// </param>
    public void Begin(Action<TimeSpan> expired)
    {
        lock (_gate)
        {
            _expired = expired;
            _begun = time.GetTimestamp();
            _timer ??= NewTimer();
            _timer.Change(timeout, timeout);
        }
    }

    /// <summary>Ends the waiting. What was called is over when this returns.</summary>
    public void End()
    {
        lock (_gate)
        {
            _expired = null;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();

    // It serves every commit: what it logs must not be in the trace of the first one.
    private ITimer NewTimer()
    {
        using (ExecutionContext.SuppressFlow())
            return time.CreateTimer(Expire, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Expire(object? state)
    {
        lock (_gate)
        {
            // Where the pool is busy, a tick for the last commit may come when the next has just begun. Half, because
            // timers are not exact.
            if (time.GetElapsedTime(_begun) >= timeout / 2) _expired?.Invoke(timeout);
        }
    }
}
