namespace Granary.Runtime;

/// <summary>An append on its way: it is either taken up by the writer or cancelled by its caller, never both.</summary>
internal sealed class PendingAppend(Append append)
{
    private const int Waiting = 0;
    private const int TakenUp = 1;
    private const int Cancelled = 2;

    // The caller goes on elsewhere: its code must not run on the writer, which would hold up all the others.
    private readonly TaskCompletionSource<AppendResult> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _stage = Waiting;

    /// <summary>What is to be written.</summary>
    public Append Append { get; } = append;

    /// <summary>The store's answer.</summary>
    public Task<AppendResult> Answer => _answer.Task;

    /// <summary>For the writer: from here on cancelling has no effect. False where it was cancelled before.</summary>
    public bool TryTakeUp() => Interlocked.CompareExchange(ref _stage, TakenUp, Waiting) == Waiting;

    /// <summary>For the caller: takes it out of the queue, unless the writer has taken it up.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _stage, Cancelled, Waiting) == Waiting)
            _answer.TrySetCanceled(cancellationToken);
    }

    /// <summary>Tells the caller what became of it.</summary>
    public void Complete(AppendResult result) => _answer.TrySetResult(result);

    /// <summary>Tells the caller why it failed; without effect once it is answered.</summary>
    public bool TryFail(Exception error) => _answer.TrySetException(error);
}
