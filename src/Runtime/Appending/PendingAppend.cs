namespace Granary.Runtime;

/// <summary>An append on its way to the store, and the caller who waits for it.</summary>
internal sealed class PendingAppend(Append append, long queuedAt)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    // The writer must not run its callers' continuations: it would be held up by them.
    private readonly TaskCompletionSource<AppendResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Waiting;

    public Append Append => append;

    public long QueuedAt => queuedAt;

    public Task<AppendResult> Answer => _answer.Task;

    /// <summary>Claims it for a commit; false where its caller has withdrawn it.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>Withdraws it, as long as no writer has taken it.</summary>
    public void TryWithdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) == Waiting)
            _answer.TrySetCanceled(cancellationToken);
    }

    public void Complete(AppendResult result) => _answer.TrySetResult(result);

    public void Fail(Exception fault) => _answer.TrySetException(fault);
}
