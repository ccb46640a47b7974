using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Deletes blobs that no row points to: they were written before a row that then was not. It goes through the blobs a
/// page a call, and begins again at the end. Where it is is kept in a row: a process that restarts continues there.
/// </summary>
internal sealed class BlobSweep(AzureEventStore store, ILogger logger)
{
    /// <summary>Younger blobs are left: their row may be about to be written.</summary>
    public static readonly TimeSpan AgeMin = TimeSpan.FromHours(24);

    private const int PageBlobs = 100;
    private const int BadRequest = 400;

    private const string Partition = "store", Key = "sweep-blobs", NextName = "Next";

    /// <summary>Looks at the next page.</summary>
    /// <param name="ageMin">How old a blob has to be.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>How many blobs were deleted.</returns>
    public async Task<int> SweepAsync(TimeSpan ageMin, CancellationToken cancellationToken)
    {
        var from = (await store.Account.FindAsync(Partition, Key, cancellationToken).ConfigureAwait(false))
            ?.Checked().GetString(NextName);
        var page = await ListAsync(from, cancellationToken).ConfigureAwait(false);

        // By the service's clock, which has dated the blobs.
        var before = (page?.GetRawResponse().Headers.Date ?? store.Account.Time.GetUtcNow()) - ageMin;
        var (deleted, fenced) = (0, new HashSet<LogPartition>());
        foreach (var blob in page?.Values ?? [])
        {
            if (!(blob.Properties.LastModified <= before)) continue;
            if (await IsUsedAsync(blob.Name, cancellationToken).ConfigureAwait(false)) continue;
            if (BlobName.Parse(blob.Name) is { } name)
            {
                if (fenced.Add(name.Partition))
                    await FenceAsync(name.Partition, cancellationToken).ConfigureAwait(false);
                if (await IsUsedAsync(blob.Name, cancellationToken).ConfigureAwait(false)) continue;
            }

            await store.DeleteBlobAsync(blob.Name).ConfigureAwait(false);
            deleted++;
        }

        if (deleted > 0) logger.BlobsSwept(deleted, store.Account.Name);
        var next = page?.ContinuationToken is { Length: > 0 } token ? token : null;
        if (next != from) await KeepAsync(next, cancellationToken).ConfigureAwait(false);
        return deleted;
    }

    /// <summary>Deletes a blob where no row points to it. None may begin to meanwhile.</summary>
    public async Task DeleteIfUnusedAsync(string blob, CancellationToken cancellationToken)
    {
        if (!await IsUsedAsync(blob, cancellationToken).ConfigureAwait(false))
            await store.Blobs.DeleteAsync(blob, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Page<BlobItem>?> ListAsync(string? from, CancellationToken cancellationToken)
    {
        try
        {
            return await store.Blobs.ListAsync("", from, PageBlobs, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreReadOnlyException fault)
            when (from is not null && AzureErrors.FaultOf(fault) is { Status: BadRequest })
        {
            // The service does not know the place any more.
            return await store.Blobs.ListAsync("", null, PageBlobs, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task KeepAsync(string? next, CancellationToken cancellationToken) => store.Account.CallAsync(
        token => store.Account.Table.UpsertEntityAsync(
            new TableEntity(Partition, Key) { [NextName] = next }.WithSum(), TableUpdateMode.Replace, token),
        cancellationToken);

    // A process may sleep for days between a blob and the transaction with its row, which replaces the tail that was
    // read before. Where that is refused, another one has replaced it just now.
    private async Task FenceAsync(LogPartition partition, CancellationToken cancellationToken)
    {
        var tail = await store.Account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
        await store.Account.TryTransactAsync(
            [(tail with { Commit = Uuid7.New(store.Account.Time) }).ToReplacement()], cancellationToken)
            .ConfigureAwait(false);
    }

    // A blob that is not one of the store's own is nobody's to delete.
    private async Task<bool> IsUsedAsync(string blob, CancellationToken cancellationToken)
    {
        if (ModelBlobs.Parse(blob) is { } model)
        {
            var entity = await store.Account.FindAsync(model.Partition, model.RowKey, cancellationToken)
                .ConfigureAwait(false);
            return entity is not null && StoredModel.Read(entity) is var found
                && (found.Now?.Blob == blob || found.Lock?.Next?.Blob == blob);
        }

        if (BlobName.Parse(blob) is not { } name || name.Partition.Value >= store.PartitionCount) return true;
        var partition = RowKeys.PartitionOf(name.Partition);
        if (name.Generation is not { } generation)
        {
            var kept = SnapshotsRow.Read(name.Hash, await store.Account.FindAsync(
                partition, RowKeys.OfSnapshots(name.Hash), cancellationToken).ConfigureAwait(false));
            return kept.Kept.Any(one => one.Blob == blob);
        }

        var range = new TableRange(
            partition, RowKeys.OfEvents(name.Hash, generation, name.Number - 1),
            RowKeys.OfEvents(name.Hash, generation, long.MaxValue))
        {
            Select = EventsRow.KeyNames,
        };
        return await range.FirstAsync(store.Account, cancellationToken).ConfigureAwait(false) is { } row
            && EventsRow.ReadKey(row).Blob == blob;
    }
}
