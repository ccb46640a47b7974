namespace Granary.Tests.Integration;

/// <summary>When each client of the load was served last, and how long it went without at most.</summary>
internal sealed class ServiceWatch(int clients)
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly long[] _served = new long[clients];
    private readonly long[] _begun = new long[clients];
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _longest;

    /// <summary>Now, as the watch counts.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>The longest time that one client was not served, since the last reset.</summary>
    public TimeSpan Longest
    {
        get
        {
            lock (_lock) return _longest;
        }
    }

    /// <summary>Begins anew. What was not served before it counts from now on.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            Array.Fill(_served, Now);
            _longest = TimeSpan.Zero;
        }
    }

    /// <summary>A client got an answer to a request that it had begun then.</summary>
    public void Served(int client, long begun)
    {
        lock (_lock)
        {
            var now = Now;
            var gap = _time.GetElapsedTime(_served[client], now);
            if (_served[client] != 0 && gap > _longest) _longest = gap;
            (_served[client], _begun[client]) = (now, begun);
            _change.TrySetResult();
            _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Completes when every client was served with a request that it began after an instant.</summary>
    /// <returns>How long after the instant that is.</returns>
    public async Task<TimeSpan> WaitServedAsync(long since, TimeSpan timeout, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            int[] waiting;
            lock (_lock)
            {
                waiting = [.. Enumerable.Range(0, clients).Where(client => _begun[client] < since)];
                change = _change.Task;
            }

            var elapsed = _time.GetElapsedTime(since);
            if (waiting.Length == 0) return elapsed;
            if (elapsed > timeout)
            {
                Assert.Fail($"Service has not returned within {timeout.TotalSeconds} s: clients "
                    + $"{string.Join(", ", waiting)} of {clients} wait.");
            }

            await Task.WhenAny(change, Task.Delay(timeout - elapsed, _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
