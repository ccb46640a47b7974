namespace Granary.Silo;

/// <summary>
/// What a cluster shares: the list of its silos, reminders, and the state of grains that is no event. The connection is
/// made once, before Orleans starts, so that a fault names the setting.
/// </summary>
internal abstract class ClusterProvider
{
    /// <summary>The provider that the settings choose.</summary>
    public static ClusterProvider Create(GranarySiloOptions options) => options.Cluster switch
    {
        ClusterKind.Redis => new RedisCluster(options.ClusterConnectionString),
        ClusterKind.Postgres => new PostgresCluster(options.ClusterConnectionString),
        ClusterKind.Azure => new AzureCluster(options.ClusterConnectionString),
        _ => new LocalhostCluster(options),
    };

    /// <summary>Connects, and creates what is missing.</summary>
    /// <exception cref="IOException">It cannot be used; the message names the setting, without a password.</exception>
    public abstract Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Adds membership, reminders and the default grain storage to a silo.</summary>
    public abstract void AddTo(ISiloBuilder silo);

    /// <summary>Adds what a gateway needs beside the settings, which it reads as any client does.</summary>
    public virtual void AddClientTo(IServiceCollection services)
    {
    }

    /// <summary>What a failed connection stops the start with.</summary>
    /// <param name="where">What it was made to, without a password.</param>
    /// <param name="why">The reason; its first line is taken.</param>
    /// <param name="fault">The cause.</param>
    protected static IOException Unusable(string where, string why, Exception fault) => new(
        $"{Setting.Section}:{nameof(GranarySiloOptions.ClusterConnectionString)}: cannot use {where}: "
        + $"{why.Split('\n')[0].Trim().TrimEnd('.')}. Check the setting, and that the server runs and lets this silo "
        + "in.",
        fault);
}
