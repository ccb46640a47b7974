using Orleans.Configuration;

namespace Granary.Silo;

/// <summary>Makes a gateway a client of the cluster that the settings name.</summary>
internal static class ClusterClient
{
    // A silo that has joined is used after so long at the latest; Orleans' own value is a minute.
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(10);

    public static void AddCluster(
        this IClientBuilder client, GranarySiloOptions options, ClusterProvider cluster, bool isTraced)
    {
        cluster.AddTo(client);
        Dashboard.AddTo(client, options.Dashboard);
        client.Configure<ClusterOptions>(ids =>
        {
            ids.ClusterId = options.ClusterId;
            ids.ServiceId = options.ServiceId;
        });
        client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = RefreshPeriod);
        client.Services.AddSingleton<IClientConnectionRetryFilter, SiloWait>();
        if (isTraced) client.AddActivityPropagation();
    }
}
