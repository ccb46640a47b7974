namespace Granary.Runtime;

/// <summary>Takes the appends of all grains of a silo to the store, many in one commit.</summary>
public interface IAppender
{
    /// <summary>
    /// Queues an append and waits for the store's answer. Waits while the queue is full. Cancelling takes
    /// effect until a writer has dequeued the append; from then on the answer is awaited, so that it is known.
    /// </summary>
    /// <exception cref="GranaryException">
    /// The commit failed; what landed is found out by appending again with the same id.
    /// </exception>
    /// <exception cref="StoreUnavailableException">
    /// The silo is stopping, or the store cannot be reached now.
    /// </exception>
    /// <exception cref="LimitExceededException">The append is over a limit of the store.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing of it was written.</exception>
    ValueTask<AppendResult> AppendAsync(Append append, CancellationToken cancellationToken);
}
