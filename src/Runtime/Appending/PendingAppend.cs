using System.Threading.Tasks.Sources;

namespace Granary.Runtime;

/// <summary>
/// An append in flight, and its caller's wait for the answer: the caller awaits it, or is called back. It is either
/// dequeued by the writer or cancelled by its caller, never both, and answered once. When the caller has the answer it
/// may serve another append.
/// </summary>
internal sealed class PendingAppend : IValueTaskSource<AppendResult>
{
    private const int Waiting = 0;
    private const int Dequeued = 1;
    private const int Cancelled = 2;

    private readonly BoundedPool<PendingAppend>? _pool;

    // A caller without a scheduler of its own continues elsewhere: its code must not run on the writer, which would
    // delay all the others.
    private ManualResetValueTaskSourceCore<AppendResult> _answer = new() { RunContinuationsAsynchronously = true };
    private Append? _append;
    private IAppendCaller? _caller;
    private int _stage;

    /// <param name="pool">Where it is returned to when its answer was read; null where it is used once.</param>
    public PendingAppend(BoundedPool<PendingAppend>? pool = null) => _pool = pool;

    /// <summary>What is to be written.</summary>
    public Append Append => _append!;

    /// <summary>The clock's time stamp when it was sent.</summary>
    public long SentAt { get; private set; }

    /// <summary>The epoch in which alone it may be committed, where another silo has sent it; else 0.</summary>
    public long Epoch { get; private set; }

    /// <summary>The store's answer; to be awaited once.</summary>
    public ValueTask<AppendResult> Answer => new(this, _answer.Version);

    /// <summary>Whether it was answered, and the append is in the log.</summary>
    public bool HasLanded { get; private set; }

    /// <param name="append">What is to be written.</param>
    /// <param name="sentAt">The clock's time stamp.</param>
    /// <param name="caller">What is called back; null where the answer is awaited.</param>
    /// <param name="epoch">The epoch in which alone it may be committed; 0 for any.</param>
    public PendingAppend For(Append append, long sentAt, IAppendCaller? caller = null, long epoch = 0)
    {
        _append = append;
        _caller = caller;
        Epoch = epoch;
        SentAt = sentAt;
        HasLanded = false;
        _stage = Waiting;
        return this;
    }

    /// <summary>For the writer: from then on cancelling has no effect. False where it was cancelled before.</summary>
    public bool TryDequeue() => Interlocked.CompareExchange(ref _stage, Dequeued, Waiting) == Waiting;

    /// <summary>For the caller: takes it out of the queue, unless the writer has dequeued it.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _stage, Cancelled, Waiting) == Waiting)
            _answer.SetException(new OperationCanceledException(cancellationToken));
    }

    /// <summary>Completes it with the store's answer.</summary>
    public void Complete(AppendResult result)
    {
        HasLanded = result.Outcome is AppendOutcome.Appended or AppendOutcome.AlreadyAppended;
        var caller = _caller;
        _answer.SetResult(result);
        caller?.OnAnswered(this);
    }

    /// <summary>Completes it with an error.</summary>
    public void Fail(Exception error)
    {
        var caller = _caller;
        _answer.SetException(error);
        caller?.OnAnswered(this);
    }

    /// <summary>For a caller that was called back: the answer, or the error; once.</summary>
    public AppendResult GetResult() => Answer.GetAwaiter().GetResult();

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token)
    {
        // A caller that reads the answer twice, or before it is there, gets an error: this may serve another append.
        if (_answer.GetStatus(token) == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("The append is not answered yet: await it, and await it once.");
        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            if (_pool is not null)
            {
                _append = null;
                _caller = null;
                _answer.Reset();
                _pool.Return(this);
            }
        }
    }

    ValueTaskSourceStatus IValueTaskSource<AppendResult>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<AppendResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
