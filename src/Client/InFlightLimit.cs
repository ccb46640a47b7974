namespace Granary.Client;

/// <summary>Bounds what is in flight, by number and by size. One caller enters; any may leave.</summary>
internal sealed class InFlightLimit(int countMax, long sizeMax)
{
    private readonly Lock _lock = new();
    private int _count;
    private long _size;
    private TaskCompletionSource? _left;

    /// <summary>Waits until one more of a size fits. What is larger than the limit enters alone.</summary>
    public async ValueTask EnterAsync(long size, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task left;
            lock (_lock)
            {
                if (_count == 0 || (_count < countMax && _size + size <= sizeMax))
                {
                    _count++;
                    _size += size;
                    return;
                }

                _left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                left = _left.Task;
            }

            await left.WaitAsync(cancellationToken);
        }
    }

    public void Leave(long size)
    {
        TaskCompletionSource? left;
        lock (_lock)
        {
            _count--;
            _size -= size;
            (left, _left) = (_left, null);
        }

        left?.TrySetResult();
    }
}
