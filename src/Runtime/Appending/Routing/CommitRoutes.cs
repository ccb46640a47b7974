using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// The route of each partition: to its owner where the store is one that many silos write, else into the store.
/// </summary>
internal sealed class CommitRoutes(
    IEventStore store,
    SiloStore siloStore,
    IOptions<AppenderOptions> options,
    GranaryMetrics metrics,
    TimeProvider time,
    ILogger<CommitRoutes> logger,
    IPartitionOwners? owners = null)
{
    public ICommitRoute To(LogPartition partition)
    {
        var direct = new StoreRoute(store, metrics, time);
        return options.Value.RoutesCommits && owners is not null && store is IPartitionEpochs epochs
            ? new OwnerRoute(partition, direct, siloStore, epochs, owners, options.Value, time, logger.Guarded())
            : direct;
    }
}
