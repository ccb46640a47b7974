using System.Data.Common;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Granary.Client;

/// <summary>
/// Names the server of a cluster in Orleans' own configuration. Orleans then takes the provider from a package that the
/// application references: a client depends on no server that it does not use.
/// </summary>
internal static class ClusterLookup
{
    /// <summary>The key of the <c>TableServiceClient</c> of an application that has an identity of its own.</summary>
    public const string ServiceKey = "granary";

    // Where silos keep the tables of a cluster in PostgreSQL.
    private const string Schema = "granary_cluster";

    private const string Provider = "Orleans:Clustering:";

    /// <summary>Adds what Orleans reads when the client is added; nothing for localhost.</summary>
    /// <exception cref="OptionsValidationException">
    /// A package is missing, or the connection string cannot be read.
    /// </exception>
    public static void AddTo(IConfigurationManager configuration, ClientSettings settings)
    {
        var connection = settings.ConnectionString;
        (string Name, string Value)[] keys = settings.Cluster switch
        {
            ClientCluster.Redis => [("ProviderType", "Redis"), ("ConnectionString", connection)],
            ClientCluster.Postgres =>
            [
                ("ProviderType", "AdoNet"), ("Invariant", "Npgsql"), ("ConnectionString", OfSchema(connection)),
            ],
            ClientCluster.Azure when Uri.TryCreate(connection, UriKind.Absolute, out _) =>
                [("ProviderType", "AzureTableStorage"), ("ServiceKey", ServiceKey)],
            ClientCluster.Azure => [("ProviderType", "AzureTableStorage"), ("ConnectionString", connection)],
            _ => [],
        };
        foreach (var package in PackagesOf(settings.Cluster)) ThrowIfMissing(settings.Cluster, package);
        configuration.AddInMemoryCollection(
            keys.Select(static one => KeyValuePair.Create(Provider + one.Name, (string?)one.Value)));
    }

    private static (string Assembly, string Package)[] PackagesOf(ClientCluster cluster) => cluster switch
    {
        ClientCluster.Redis => [("Orleans.Clustering.Redis", "Microsoft.Orleans.Clustering.Redis")],
        ClientCluster.Postgres =>
            [("Orleans.Clustering.AdoNet", "Microsoft.Orleans.Clustering.AdoNet"), ("Npgsql", "Npgsql")],
        ClientCluster.Azure => [("Orleans.Clustering.AzureStorage", "Microsoft.Orleans.Clustering.AzureStorage")],
        _ => [],
    };

    private static void ThrowIfMissing(ClientCluster cluster, (string Assembly, string Package) needed)
    {
        try
        {
            Assembly.Load(needed.Assembly);
        }
        catch (FileNotFoundException)
        {
            throw Fault(
                nameof(ClientSettings.Cluster),
                $"It is {cluster.ToString().ToLowerInvariant()}, which needs the package {needed.Package}: add it to "
                + "the application (dotnet add package " + needed.Package + ").");
        }
    }

    private static string OfSchema(string connection)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = connection, ["Search Path"] = Schema }
                .ConnectionString;
        }
        catch (ArgumentException)
        {
            // Its message would show the connection string.
            throw Fault(
                ClientSettings.ConnectionName,
                "It cannot be read; with Cluster postgres it is as in Host=127.0.0.1;Database=granary;Username=...");
        }
    }

    private static OptionsValidationException Fault(string setting, string message) => new(
        ClientSettings.Section, typeof(ClientSettings), [$"{ClientSettings.Section}:{setting}: {message}"]);
}
