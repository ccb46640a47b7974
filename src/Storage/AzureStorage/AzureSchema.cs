using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.AzureStorage;

/// <summary>Creates the table and the container, or checks them.</summary>
internal sealed class AzureSchema(AzureAccount account, int partitionCount, ILogger logger)
{
    private const int Version = 2;
    private const string Partition = "store", Key = "store";
    private const string IdName = "StoreId", CountName = "PartitionCount", VersionName = "SchemaVersion";
    private const string StoreName = "granarystore";

    /// <summary>Makes the store ready; several processes may at once.</summary>
    /// <returns>The store's id.</returns>
    /// <exception cref="StoreSchemaException">
    /// It was written by a newer Granary, or has another number of partitions.
    /// </exception>
    public async Task<Guid> EnsureAsync(CancellationToken cancellationToken)
    {
        await account.CallAsync(
            async token =>
            {
                // Null where it was there.
                await account.Table.CreateIfNotExistsAsync(token).ConfigureAwait(false);
                await account.Container.CreateIfNotExistsAsync(cancellationToken: token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (await account.FindAsync(Partition, Key, cancellationToken).ConfigureAwait(false) is { } found)
            return await TieAsync(Check(found), cancellationToken).ConfigureAwait(false);

        // The ends first: a store that is there has all of them.
        for (var at = 0; at < partitionCount; at++)
            await TryAddAsync(new TailRow(new(at), default).ToEntity(), cancellationToken).ConfigureAwait(false);
        var created = new TableEntity(Partition, Key)
        {
            [IdName] = Uuid7.New(account.Time),
            [CountName] = partitionCount,
            [VersionName] = Version,
        }.WithSum();
        if (await TryAddAsync(created, cancellationToken).ConfigureAwait(false)) logger.Created(account.Name);
        var there = (await account.FindAsync(Partition, Key, cancellationToken).ConfigureAwait(false))!;
        return await TieAsync(Check(there), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many partitions a store has; null where its table has none.</summary>
    public static async Task<int?> FindPartitionCountAsync(
        AzureAccount account, CancellationToken cancellationToken) =>
        (await account.FindAsync(Partition, Key, cancellationToken).ConfigureAwait(false))
            ?.Checked().GetInt32(CountName);

    // The blobs of another store are not this one's to delete.
    private async Task<Guid> TieAsync(Guid id, CancellationToken cancellationToken)
    {
        var text = $"{id:n}";
        var container = await account.CallAsync(
            token => account.Container.GetPropertiesAsync(cancellationToken: token), cancellationToken)
            .ConfigureAwait(false);
        if (!container.Value.Metadata.TryGetValue(StoreName, out var there))
        {
            await account.CallAsync(
                token => account.Container.SetMetadataAsync(
                    new Dictionary<string, string> { [StoreName] = text }, cancellationToken: token),
                cancellationToken).ConfigureAwait(false);
            return id;
        }

        return there == text ? id : throw new StoreSchemaException(
            $"The container {account.Container.Name} of blobs belongs to another store than {account.Name}. Set "
            + $"{nameof(AzureStoreOptions)}.{nameof(AzureStoreOptions.BlobEndpoint)} to the account of the table, or "
            + "restore both from one backup.");
    }

    private Guid Check(TableEntity row)
    {
        // Before the checksum, which is another one in other versions.
        if (row.TryGetValue(VersionName, out var value) && value is int version && version != Version)
            throw new StoreSchemaException(
                $"{account.Name} has schema version {version}, and this Granary knows version {Version}. "
                + (version > Version
                    ? "Start a newer Granary."
                    : "Copy its events to a file with the Granary that wrote it, and the file to a new table."));
        row.Checked();
        if (row.GetInt32(CountName) is var count && count != partitionCount)
            throw new StoreSchemaException(
                $"{account.Name} was created with {count} partition(s) and is opened with {partitionCount}. The number "
                + $"is fixed at creation: set {nameof(AzureStoreOptions.PartitionCount)} to {count}.");
        return row.GetGuid(IdName)!.Value;
    }

    private async Task<bool> TryAddAsync(TableEntity row, CancellationToken cancellationToken)
    {
        try
        {
            await account.CallAsync(token => account.Table.AddEntityAsync(row, token), cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException fault) when (AzureErrors.IsRefused(fault))
        {
            return false;
        }
    }
}
