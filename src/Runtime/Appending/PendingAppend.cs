using System.Threading.Tasks.Sources;

namespace Granary.Runtime;

/// <summary>
/// An append on its way, and its caller's wait for the answer. It is either taken up by the writer or cancelled by its
/// caller, never both, and answered once. When the caller has the answer it may serve another append.
/// </summary>
internal sealed class PendingAppend : IValueTaskSource<AppendResult>
{
    private const int Waiting = 0;
    private const int TakenUp = 1;
    private const int Cancelled = 2;

    private readonly PendingAppendPool? _pool;

    // A caller without a scheduler of its own goes on elsewhere: its code must not run on the writer, which would hold
    // up all the others.
    private ManualResetValueTaskSourceCore<AppendResult> _answer = new() { RunContinuationsAsynchronously = true };
    private Append? _append;
    private int _stage;

    /// <param name="pool">Where it goes back to when its answer was taken; null where it serves once.</param>
    public PendingAppend(PendingAppendPool? pool = null) => _pool = pool;

    /// <summary>What is to be written.</summary>
    public Append Append => _append!;

    /// <summary>The clock's time stamp when it was sent.</summary>
    public long SentAt { get; private set; }

    /// <summary>The store's answer; to be awaited once.</summary>
    public ValueTask<AppendResult> Answer => new(this, _answer.Version);

    public PendingAppend For(Append append, long sentAt)
    {
        _append = append;
        SentAt = sentAt;
        _stage = Waiting;
        return this;
    }

    /// <summary>For the writer: from here on cancelling has no effect. False where it was cancelled before.</summary>
    public bool TryTakeUp() => Interlocked.CompareExchange(ref _stage, TakenUp, Waiting) == Waiting;

    /// <summary>For the caller: takes it out of the queue, unless the writer has taken it up.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _stage, Cancelled, Waiting) == Waiting)
            _answer.SetException(new OperationCanceledException(cancellationToken));
    }

    /// <summary>Tells the caller what became of it.</summary>
    public void Complete(AppendResult result) => _answer.SetResult(result);

    /// <summary>Tells the caller why it failed.</summary>
    public void Fail(Exception error) => _answer.SetException(error);

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token)
    {
        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            if (_pool is not null)
            {
                _append = null;
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
