namespace Granary;

/// <summary>
/// For stores: the waits of an <see cref="ILogTail"/> in one process, which the store completes when a partition grows.
/// </summary>
public sealed class LogTailSignal
{
    private readonly Lock _lock = new();
    private readonly GlobalPosition[] _ends;
    private readonly TaskCompletionSource?[] _grown;

    /// <summary>Makes one for a log in which no position is known.</summary>
    /// <param name="partitionCount">How many partitions the log has.</param>
    public LogTailSignal(int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        (_ends, _grown) = (new GlobalPosition[partitionCount], new TaskCompletionSource?[partitionCount]);
    }

    /// <summary>Completes the waits of a partition that has grown.</summary>
    /// <param name="end">Its last position; one that is not later than what is known does nothing.</param>
    public void Grow(LogPosition end)
    {
        TaskCompletionSource? grown;
        var at = end.Partition.Value;
        lock (_lock)
        {
            if (end.Position <= _ends[at]) return;
            _ends[at] = end.Position;
            (grown, _grown[at]) = (_grown[at], null);
        }

        grown?.SetResult();
    }

    /// <summary>
    /// Completes all waits, though nothing may have grown: where the store cannot be read, its readers get the error.
    /// </summary>
    public void WakeAll()
    {
        for (var at = 0; at < _grown.Length; at++)
        {
            TaskCompletionSource? grown;
            lock (_lock) (grown, _grown[at]) = (_grown[at], null);
            grown?.SetResult();
        }
    }

    /// <inheritdoc cref="ILogTail.WaitAsync" />
    public async ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var at = after.Partition.Value;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(at, _ends.Length, nameof(after));
        Task grown;
        lock (_lock)
        {
            if (_ends[at] > after.Position) return _ends[at];
            _grown[at] ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            grown = _grown[at]!.Task;
        }

        await grown.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock) return _ends[at];
    }
}
