using Azure;
using Azure.Storage.Blobs.Models;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The blobs of a store. Each has a name that no other ever has and is written once, before the row that points to it.
/// </summary>
internal sealed class AzureBlobs(AzureAccount account)
{
    /// <summary>The name of a blob with the events of an append.</summary>
    public string NewEventsName(LogPartition partition, string hash, int generation, Segment events) =>
        new BlobName(partition, hash, generation, events.First, events.Last).With(Uuid7.New(account.Time));

    /// <summary>The name of a blob with a snapshot.</summary>
    public string NewSnapshotName(LogPartition partition, string hash, long position) =>
        new BlobName(partition, hash, null, position).With(Uuid7.New(account.Time));

    public Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => CallAsync(
        token => account.Container.GetBlobClient(name).UploadAsync(new BinaryData(bytes), overwrite: true, token),
        cancellationToken);

    /// <summary>The content of a blob; null where there is none.</summary>
    public async Task<byte[]?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var found = await account.CallAsync(
                token => account.Container.GetBlobClient(name).DownloadContentAsync(token), cancellationToken)
                .ConfigureAwait(false);
            return found.Value.Content.ToArray();
        }
        catch (RequestFailedException fault)
        {
            // One that is archived is there, and cannot be read.
            return AzureErrors.IsAbsent(fault) ? null : throw AzureErrors.Map(fault, account.Name);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => CallAsync(
        token => account.Container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: token),
        cancellationToken);

    /// <summary>A page of blobs, in the order of their names.</summary>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="from">Where the page before ended; null for the first.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public Task<Page<BlobItem>?> ListAsync(
        string prefix, string? from, int count, CancellationToken cancellationToken) => account.CallAsync(
        async token =>
        {
            var pages = account.Container.GetBlobsAsync(
                BlobTraits.None, BlobStates.None, prefix, token).AsPages(from, count);
            await foreach (var page in pages.ConfigureAwait(false)) return page;
            return (Page<BlobItem>?)null;
        },
        cancellationToken);

    // A lock or a policy of retention refuses what is not expected to be refused.
    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await account.CallAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException fault)
        {
            throw AzureErrors.Map(fault, account.Name);
        }
    }
}
