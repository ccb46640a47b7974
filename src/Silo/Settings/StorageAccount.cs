using Granary.Storage.AzureStorage;

namespace Granary.Silo;

/// <summary>The account of a store on Azure Storage: its own, or the one that the cluster is on.</summary>
internal static class StorageAccount
{
    /// <summary>Whether the store has an account of its own.</summary>
    public static bool HasAccount(this AzureStoreOptions azure) =>
        azure.TableEndpoint is not null || !string.IsNullOrEmpty(azure.ConnectionString);

    /// <summary>
    /// Takes the account of the cluster, where the store has none of its own and the cluster's can be read.
    /// </summary>
    public static void TakeFromCluster(GranarySiloOptions options)
    {
        if (options is not { Store: StoreKind.Azure, Cluster: ClusterKind.Azure } || options.Azure.HasAccount()) return;
        var text = options.ClusterConnectionString;
        if (!AzureCluster.CanRead(text)) return;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
            options.Azure.TableEndpoint = address;
        else options.Azure.ConnectionString = text;
    }
}
