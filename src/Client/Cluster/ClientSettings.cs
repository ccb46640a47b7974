using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Granary.Client;

/// <summary>
/// The settings of a client of a cluster, under <c>Granary</c>: those of a silo that a client needs too. What else is
/// there is of silos and gateways, and is not looked at.
/// </summary>
internal sealed partial record ClientSettings(
    ClientCluster Cluster, string ConnectionString, string ClusterId, string ServiceId, int GatewayPort,
    ClusterTlsOptions Tls)
{
    public const string Section = "Granary";

    private const string IdDefault = "granary";
    private const int GatewayPortDefault = 30_210;

    /// <summary>The setting of the connection string.</summary>
    public const string ConnectionName = "ClusterConnectionString";

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="OptionsValidationException">
    /// One or more are wrong; the message names each, and shows no connection string.
    /// </exception>
    public static ClientSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var faults = new List<string>();
        var word = section[nameof(Cluster)] ?? nameof(ClientCluster.Localhost);
        if (!Enum.TryParse<ClientCluster>(word, ignoreCase: true, out var cluster) || !word.All(char.IsAsciiLetter))
        {
            // What is no word may be a connection string under a wrong name: it is not shown.
            faults.Add($"{Section}:{nameof(Cluster)}: It must be one of localhost, redis, postgres, azure.");
        }

        var connection = section[ConnectionName] ?? "";
        if (faults.Count == 0 && (cluster == ClientCluster.Localhost) != (connection.Length == 0))
        {
            faults.Add(cluster == ClientCluster.Localhost
                ? $"{Section}:{ConnectionName}: It is set, but Cluster is localhost: choose one by Cluster: redis, "
                    + "postgres or azure."
                : $"{Section}:{ConnectionName}: It is not set. Set it to that of the cluster's silos.");
        }

        var (clusterId, serviceId) = (Id(section, nameof(ClusterId), faults), Id(section, nameof(ServiceId), faults));
        var port = GatewayPortDefault;
        if (section[nameof(GatewayPort)] is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > ushort.MaxValue))
            faults.Add($"{Section}:{nameof(GatewayPort)}: It must be 1 to {ushort.MaxValue}.");
        return faults.Count == 0
            ? new(cluster, connection, clusterId, serviceId, port, TlsOf(section.GetSection(nameof(Tls))))
            : throw new OptionsValidationException(Section, typeof(ClientSettings), faults);
    }

    private static ClusterTlsOptions TlsOf(IConfigurationSection section) => new()
    {
        CertificatePath = section[nameof(ClusterTlsOptions.CertificatePath)] ?? "",
        KeyPath = section[nameof(ClusterTlsOptions.KeyPath)] ?? "",
        Password = section[nameof(ClusterTlsOptions.Password)] ?? "",
        TrustedPath = section[nameof(ClusterTlsOptions.TrustedPath)] ?? "",
    };

    private static string Id(IConfigurationSection section, string name, List<string> faults)
    {
        var id = section[name] ?? IdDefault;
        if (!IdPattern().IsMatch(id))
            faults.Add($"{Section}:{name}: It must be 1 to 100 letters, digits, dots, hyphens and underscores.");
        return id;
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex IdPattern();
}

/// <summary>Where a client finds the silos of its cluster.</summary>
internal enum ClientCluster
{
    /// <summary>One silo, at the gateway port of this machine.</summary>
    Localhost,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>PostgreSQL.</summary>
    Postgres,

    /// <summary>The tables of Azure Storage.</summary>
    Azure,
}
