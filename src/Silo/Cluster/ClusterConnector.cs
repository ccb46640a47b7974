namespace Granary.Silo;

/// <summary>Connects to what the cluster shares, before Orleans starts: it is registered before it.</summary>
internal sealed class ClusterConnector(ClusterProvider cluster) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => cluster.ConnectAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
