namespace Granary.Runtime;

/// <summary>How the batches of a partition get into the store.</summary>
internal interface ICommitRoute
{
    /// <summary>
    /// Commits a batch, with the obligations of <see cref="IEventStore.CommitAsync"/>: when it has thrown, nothing of
    /// the batch lands later.
    /// </summary>
    ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken);
}
