using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// In each silo: queues the appends of other silos for the writer of their partition, so that they share its commits.
/// </summary>
internal sealed class CommitService : GrainService, ICommitService
{
    private readonly RoutedCommits _commits;
    private readonly SiloStore _store;

    public CommitService(GrainId id, Silo silo, ILoggerFactory loggers, RoutedCommits commits, SiloStore store)
        : base(id, silo, loggers) => (_commits, _store) = (commits, store);

    /// <inheritdoc />
    public Task<RoutedAnswer> CommitAsync(RoutedBatch batch) => _commits.CommitAsync(batch);

    /// <inheritdoc />
    public Task<Guid> GetStoreIdAsync() => Task.FromResult(_store.StoreId);
}
