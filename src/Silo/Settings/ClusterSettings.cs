using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Granary.Silo;

/// <summary>
/// Checks the settings of a cluster. A message never holds the connection string: it may have a password.
/// </summary>
internal static class ClusterSettings
{
    // Kubernetes sets it in every pod, and Orleans calls its API there.
    private const string PodVariable = "KUBERNETES_SERVICE_HOST";

    /// <summary>What is wrong with them; empty where nothing is.</summary>
    public static IEnumerable<ValidationResult> Faults(GranarySiloOptions options)
    {
        if (options.Cluster == ClusterKind.Localhost) return AloneFaults(options);
        return new[]
        {
            ConnectionFault(options), AdvertisedFault(options), ListenFault(options), PodFault(options),
            RoleFault(options), StoreFault(options),
        }.OfType<ValidationResult>();
    }

    private static IEnumerable<ValidationResult> AloneFaults(GranarySiloOptions options)
    {
        const string Choose = "choose one by Cluster: redis, postgres or azure.";
        if (options.ClusterConnectionString.Length > 0)
            yield return new(
                "It is set, but Cluster is localhost: " + Choose, [nameof(options.ClusterConnectionString)]);
        if (options.Kubernetes)
            yield return new("Pods need a cluster: " + Choose, [nameof(options.Kubernetes)]);
        if (!IsLoopback(options.AdvertisedAddress))
            yield return new(
                $"It is '{options.AdvertisedAddress}', but with localhost the silo is on loopback alone. For other "
                + "machines " + Choose,
                [nameof(options.AdvertisedAddress)]);
        if (options.ListenAddress.Length > 0 && !IsLoopback(options.ListenAddress))
            yield return new(
                $"It is '{options.ListenAddress}', but with localhost the silo is on loopback alone. For other "
                + "machines " + Choose,
                [nameof(options.ListenAddress)]);
    }

    private static ValidationResult? ConnectionFault(GranarySiloOptions options)
    {
        var (isGood, example) = options.Cluster switch
        {
            ClusterKind.Redis => (RedisCluster.CanRead(options.ClusterConnectionString), RedisCluster.Example),
            ClusterKind.Postgres => (PostgresCluster.CanRead(options.ClusterConnectionString), PostgresCluster.Example),
            _ => (AzureCluster.CanRead(options.ClusterConnectionString), AzureCluster.Example),
        };
        var fault = options.ClusterConnectionString.Length == 0 ? "is not set" : "cannot be read";
        return isGood
            ? null
            : new(
                $"It {fault}; with Cluster {Setting.Word(options.Cluster)} it is as in {example}",
                [nameof(options.ClusterConnectionString)]);
    }

    private static ValidationResult? AdvertisedFault(GranarySiloOptions options) =>
        IPAddress.TryParse(options.AdvertisedAddress, out var address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? new(
                $"It is '{options.AdvertisedAddress}', which is no address to call. Set the one that other silos reach "
                + "this one by.",
                [nameof(options.AdvertisedAddress)])
            : null;

    // Each pod has a file of its own, and the silos of a cluster need one store.
    private static ValidationResult? StoreFault(GranarySiloOptions options) =>
        options is { Kubernetes: true, IsSilo: true, Store: StoreKind.Sqlite }
            ? new("It is sqlite, but pods share no file: set it to postgres or azure.", [nameof(options.Store)])
            : null;

    private static ValidationResult? ListenFault(GranarySiloOptions options) =>
        options.ListenAddress.Length == 0 || IPAddress.TryParse(options.ListenAddress, out _)
            ? null
            : new($"It is '{options.ListenAddress}'; it must be an IP address.", [nameof(options.ListenAddress)]);

    private static ValidationResult? PodFault(GranarySiloOptions options) =>
        !options.Kubernetes || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(PodVariable))
            ? null
            : new(
                $"It is true, but this is no pod of Kubernetes: the variable {PodVariable} is not set.",
                [nameof(options.Kubernetes)]);

    private static ValidationResult? RoleFault(GranarySiloOptions options) =>
        !options.Kubernetes || options.IsSilo
            ? null
            : new(
                "It is true, but Role is gateway: it is for silos. A gateway in a pod needs Cluster and the ids alone.",
                [nameof(options.Kubernetes)]);

    private static bool IsLoopback(string address) =>
        address == "localhost" || (IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed));
}
