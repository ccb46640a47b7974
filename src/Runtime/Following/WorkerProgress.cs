namespace Granary.Runtime;

/// <summary>
/// How far a worker is, for those who ask and those who wait. Members may be called from many threads.
/// </summary>
internal sealed class WorkerProgress(TimeProvider time)
{
    private const int WaitersMax = 10_000;
    private const int Seconds = 60;

    private readonly Lock _lock = new();
    private readonly List<(GlobalPosition Position, TaskCompletionSource Passed)> _waiters = [];
    private readonly long[] _counts = new long[Seconds];
    private TaskCompletionSource? _asked;
    private long _second = -1;
    private long _firstSecond = -1;
    private bool _atEnd;

    public GlobalPosition Position { get; private set; }

    public ReaderState State { get; private set; } = ReaderState.Starting;

    public string? LastError { get; private set; }

    public DateTimeOffset? LastErrorAt { get; private set; }

    public int Parked { get; private set; }

    /// <summary>How many positions were passed in a second, over the last minute.</summary>
    public double Rate
    {
        get
        {
            lock (_lock)
            {
                Turn();
                var seconds = Math.Clamp(_second - _firstSecond + 1, 1, Seconds);
                return _counts.Sum() / (double)seconds;
            }
        }
    }

    /// <summary>Whether the worker waits at the end of the log, and is woken when it grows.</summary>
    public bool IsAtEnd => Volatile.Read(ref _atEnd);

    public void SetState(ReaderState state) => State = state;

    public void SetAtEnd(bool atEnd) => Volatile.Write(ref _atEnd, atEnd);

    public void SetParked(int count) => Parked = count;

    public void SetError(Exception error)
    {
        lock (_lock) (LastError, LastErrorAt) = ($"{error.GetType().Name}: {error.Message}", time.GetUtcNow());
    }

    public void ClearError()
    {
        lock (_lock) (LastError, LastErrorAt) = (null, null);
    }

    /// <summary>The worker begins at a position.</summary>
    public void Begin(GlobalPosition position) => Set(position, counts: false);

    /// <summary>The worker has passed a position.</summary>
    public void Pass(GlobalPosition position) => Set(position, counts: true);

    /// <summary>Completes when a position is passed.</summary>
    /// <exception cref="LimitExceededException">Too many wait.</exception>
    public async Task WaitAsync(GlobalPosition position, CancellationToken cancellationToken)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Position >= position) return;
            LimitExceededException.ThrowIfOver(
                WaitersMax, _waiters.Count + 1, "number of waits for a reader", "Wait with fewer callers at once.");
            _waiters.Add((position, passed));
            _asked?.TrySetResult();
        }

        try
        {
            await passed.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock) _waiters.RemoveAll(one => one.Passed == passed);
        }
    }

    /// <summary>Completes when somebody waits for a position that is not passed; for one caller.</summary>
    public Task WaitForWaiterAsync()
    {
        lock (_lock)
        {
            if (_waiters.Exists(one => one.Position > Position)) return Task.CompletedTask;
            _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _asked.Task;
        }
    }

    private void Set(GlobalPosition position, bool counts)
    {
        lock (_lock)
        {
            Turn();
            if (counts) _counts[_second % Seconds] += position.Value - Position.Value;
            Position = position;
            foreach (var one in _waiters)
            {
                if (one.Position <= position) one.Passed.TrySetResult();
            }
        }
    }

    // Clears the seconds that have gone by since the last call.
    private void Turn()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (_firstSecond < 0) (_firstSecond, _second) = (now, now);
        var steps = Math.Min(now - _second, Seconds);
        for (var i = 1; i <= steps; i++) _counts[(_second + i) % Seconds] = 0;
        if (now > _second) _second = now;
    }
}
