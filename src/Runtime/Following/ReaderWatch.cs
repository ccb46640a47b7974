namespace Granary.Runtime;

/// <summary>
/// Reads what is asked of the readers of a silo, once for all of their workers: a store that is paid by the request is
/// asked as often for hundreds of workers as for one. Members may be called from many threads.
/// </summary>
/// <param name="read">Reads it; given the clock's time stamp at its begin.</param>
/// <param name="time">The clock.</param>
internal sealed class ReaderWatch(
    Func<long, CancellationToken, Task<ReaderOrders>> read, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task<ReaderOrders>? _running;
    private Task<ReaderOrders>? _next;
    private long _beganAt;
    private ReaderOrders? _latest;
    private int _disposed;

    /// <summary>For workers of readers that always exist: reads their settings.</summary>
    public static ReaderWatch OfSettings(IModelStore models, TimeProvider time) => new(
        async (at, token) => new ReaderOrders(at, await new ReaderSettings(models).ReadAllAsync(token)), time);

    /// <summary>What is asked, by a read that began at most so long before this call.</summary>
    /// <param name="ageMax">
    /// How long; zero for a read that begins after the call, and so finds what was stored before it.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    public async ValueTask<ReaderOrders> ReadAsync(TimeSpan ageMax, CancellationToken cancellationToken)
    {
        Task<ReaderOrders> joined;
        lock (_lock)
        {
            if (_latest is { } latest && time.GetElapsedTime(latest.ReadAt) < ageMax) return latest;
            joined = Join(ageMax);
        }

        return await joined.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the read that runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Task running, next;
        lock (_lock) (running, next) = (_running ?? Task.CompletedTask, _next ?? Task.CompletedTask);
        await _stopping.CancelAsync();
        await Task.WhenAll(running, next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private Task<ReaderOrders> Join(TimeSpan ageMax)
    {
        if (_next is not null) return _next;
        if (_running is not { IsCompleted: false } running) return Begin();
        if (time.GetElapsedTime(_beganAt) < ageMax) return running;
        return _next = BeginAfterAsync(running);
    }

    // Not in the caller's turn, nor in its trace: others join it.
    private Task<ReaderOrders> Begin()
    {
        var at = _beganAt = time.GetTimestamp();
        using (ExecutionContext.SuppressFlow())
            return _running = Task.Run(() => ReadAsync(at), CancellationToken.None);
    }

    private async Task<ReaderOrders> BeginAfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<ReaderOrders> begun;
        lock (_lock) (_next, begun) = (null, Begin());
        return await begun;
    }

    private async Task<ReaderOrders> ReadAsync(long at)
    {
        var found = await read(at, _stopping.Token);
        lock (_lock) _latest = found;
        return found;
    }
}
