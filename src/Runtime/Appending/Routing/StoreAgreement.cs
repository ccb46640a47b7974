using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Stops the start of a silo whose store is another one than that of the cluster's silos: a grain would have other
/// events on it. Of two that start at once, the later one finds the other.
/// </summary>
internal sealed class StoreAgreement(
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    CommitServiceClient services,
    SiloStore store,
    TimeProvider time,
    ILogger<StoreAgreement> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(StoreAgreement), ServiceLifecycleStage.Active, CheckAsync);

    private Task CheckAsync(CancellationToken cancellationToken) => Task.WhenAll(
        membership.CurrentSnapshot.Members.Values
            .Where(one => one.Status == SiloStatus.Active && !one.SiloAddress.Equals(local.SiloAddress))
            .Select(one => CheckAsync(one.SiloAddress, cancellationToken)));

    private async Task CheckAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        Guid id;
        try
        {
            id = await services.At(silo).GetStoreIdAsync().WaitAsync(Timeout, time, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // It may have just stopped, or be of an earlier version.
            AppenderLog.StoreNotCompared(logger, fault, silo);
            return;
        }

        if (id != store.StoreId)
            throw new StoreSchemaException(
                $"This silo has the store {store.StoreId}, and silo {silo} of the same cluster has the store {id}. All "
                + "silos of a cluster have one store: give this one the same, or another cluster id.");
    }
}
