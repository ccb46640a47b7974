namespace Granary;

/// <summary>
/// For stores that silos on several machines write: the partitions of the log have epochs. A silo that commits the
/// batches of other silos commits them in the epoch that the others know. One that waits no longer for its answer
/// begins a new epoch, and knows then that nothing of the batch lands late.
/// </summary>
/// <remarks>
/// Optional. A store that implements it commits nothing of a batch whose <see cref="AppendBatch.Epoch"/> is another
/// than the partition's, and checks that inside the transaction.
/// </remarks>
public interface IPartitionEpochs
{
    /// <summary>The epoch of a partition; 1 at first.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached now.</exception>
    ValueTask<long> ReadEpochAsync(LogPartition partition, CancellationToken cancellationToken);

    /// <summary>
    /// Begins a new epoch of a partition, and returns it. When it has returned, what was committed in earlier epochs is
    /// visible to readers, and nothing more is committed in them, by any process. That is durable.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached now.</exception>
    ValueTask<long> BeginEpochAsync(LogPartition partition, CancellationToken cancellationToken);
}
