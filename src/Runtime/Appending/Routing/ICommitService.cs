using Orleans.Services;

namespace Granary.Runtime;

/// <summary>What the silos of a cluster call at each other: one commits the batches of others.</summary>
[Alias("granary.ICommitService")]
internal interface ICommitService : IGrainService
{
    /// <summary>Commits a batch of another silo, and returns when nothing of it is in flight any more.</summary>
    [Alias("Commit")]
    Task<RoutedAnswer> CommitAsync(RoutedBatch batch);

    /// <summary>The id of the silo's store.</summary>
    [Alias("GetStoreId")]
    Task<Guid> GetStoreIdAsync();
}

/// <summary>The answer to a batch of another silo.</summary>
/// <param name="Epoch">
/// The epoch of the partition as this silo knows it; where it is another than the batch's, nothing was committed.
/// </param>
/// <param name="Results">
/// An answer for each append; empty where not all have one. Then each of them has landed, conflicted or failed, and
/// committing it again tells which.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.RoutedAnswer")]
internal sealed record RoutedAnswer([property: Id(0)] long Epoch, [property: Id(1)] AppendResult[] Results);
