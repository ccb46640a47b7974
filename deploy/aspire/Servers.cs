using Microsoft.Extensions.Configuration;

namespace Granary.AppHost;

/// <summary>
/// The two servers that the silos share: containers, or servers that run already where a connection string names them.
/// </summary>
internal static class Servers
{
    private const string Log = "log";
    private const string Cluster = "cluster";

    /// <summary>The database of the log; its data stays when the application is stopped.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddLog(IDistributedApplicationBuilder builder) =>
        builder.Configuration.GetConnectionString(Log) is null
            ? builder.AddPostgres("postgres").WithDataVolume().AddDatabase(Log, "granary")
            : builder.AddConnectionString(Log);

    /// <summary>The Redis of the cluster.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddCluster(IDistributedApplicationBuilder builder) =>
        builder.Configuration.GetConnectionString(Cluster) is null
            ? builder.AddRedis(Cluster).WithDataVolume().WithPersistence()
            : builder.AddConnectionString(Cluster);
}
