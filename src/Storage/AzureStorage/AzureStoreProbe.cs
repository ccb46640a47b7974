namespace Granary.Storage.AzureStorage;

/// <summary>Looks at a table before it is opened as a store.</summary>
internal static class AzureStoreProbe
{
    /// <summary>How many partitions a store has; null where there is none. Nothing is changed.</summary>
    /// <exception cref="StoreUnavailableException">The account cannot be reached.</exception>
    public static async Task<int?> FindPartitionCountAsync(
        AzureStoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var account = new AzureAccount(options, time);
        try
        {
            return await AzureSchema.FindPartitionCountAsync(account, cancellationToken).ConfigureAwait(false);
        }
        catch (GranaryException fault)
            when (AzureErrors.FaultOf(fault) is { ErrorCode: "TableNotFound" })
        {
            return null;
        }
    }
}
