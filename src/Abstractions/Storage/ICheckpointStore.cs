namespace Granary;

/// <summary>
/// How far readers of the log have come. A checkpoint has one owner at a time, whose epoch is the greatest: an owner
/// whose epoch was passed cannot move it any more. Members may be called from many threads and processes at once.
/// </summary>
/// <remarks>As with <see cref="IEventStore"/>, every member may throw <see cref="StoreUnavailableException"/>,
/// <see cref="StoreCorruptException"/> and <see cref="OperationCanceledException"/>.</remarks>
public interface ICheckpointStore
{
    /// <summary>A checkpoint; null where it was never moved.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="partition">The partition of the log.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    ValueTask<Checkpoint?> ReadAsync(string name, LogPartition partition, CancellationToken cancellationToken);

    /// <summary>
    /// Moves a checkpoint from one position to another where it stands there and no later epoch has moved it. Durable
    /// when it returns. A checkpoint that was never moved stands at 0 in epoch 0.
    /// </summary>
    /// <returns>
    /// Whether it stands at the new position in that epoch, also where an earlier call with a lost answer has moved it.
    /// Where it is false, nothing was changed: another owner has taken over, or this one begins from a wrong position.
    /// </returns>
    ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken);

    /// <summary>
    /// All checkpoints of the store, in no order. Their number is that of the readers of the log times that of its
    /// partitions.
    /// </summary>
    ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a reader's checkpoints in all partitions: it begins at 0 in epoch 0 again, and holds back no truncation.
    /// Durable when it returns. Deleting one that is not there does nothing.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Honoured until the transaction begins.</param>
    ValueTask DeleteAsync(string name, CancellationToken cancellationToken);
}
