namespace Granary;

/// <summary>
/// Waits for the log to grow. What this process commits is signalled; while somebody waits, the store is looked at
/// for what other processes committed.
/// </summary>
/// <param name="signal">The waits.</param>
/// <param name="readEnds">Reads where each partition ends.</param>
/// <param name="interval">How often.</param>
/// <param name="time">The clock.</param>
/// <param name="report">Receives the first failure of several.</param>
internal sealed class TailPoll(
    LogTailSignal signal,
    Func<Task<IReadOnlyList<LogPosition>>> readEnds,
    TimeSpan interval,
    TimeProvider time,
    Action<Exception> report) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private PeriodicTimer? _timer;
    private Task _running = Task.CompletedTask;
    private int _waiting;
    private bool _failed;
    private bool _disposed;

    public async ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
    {
        Start();
        Interlocked.Increment(ref _waiting);
        try
        {
            return await signal.WaitAsync(after, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Looks at the store now, where somebody waits; it does not fail.</summary>
    public async Task LookAsync()
    {
        if (Volatile.Read(ref _waiting) == 0) return;
        try
        {
            foreach (var end in await readEnds().ConfigureAwait(false)) signal.Grow(end);
            _failed = false;
        }
        catch (Exception fault)
        {
            if (!_failed) report(fault);
            _failed = true;
            signal.WakeAll();
        }
    }

    /// <summary>Ends the polling, and wakes who waits: reading, they find the store closed.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }

        await _running.ConfigureAwait(false);
        signal.WakeAll();
    }

    // Not before the first wait: most processes never wait.
    private void Start()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_timer is not null) return;
            _timer = new PeriodicTimer(interval, time);
            using (ExecutionContext.SuppressFlow()) _running = Task.Run(PollAsync, CancellationToken.None);
        }
    }

    private async Task PollAsync()
    {
        while (await _timer!.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
            await LookAsync().ConfigureAwait(false);
    }
}
