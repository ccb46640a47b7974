namespace Granary.Silo;

/// <summary>One silo by itself: nothing is kept when it stops.</summary>
internal sealed class LocalhostCluster(GranarySiloOptions options) : ClusterProvider
{
    public override Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void AddTo(ISiloBuilder silo) => silo
        .UseLocalhostClustering(
            options.SiloPort, options.GatewayPort, serviceId: options.ServiceId, clusterId: options.ClusterId)
        .UseInMemoryReminderService()
        .AddMemoryGrainStorageAsDefault();
}
