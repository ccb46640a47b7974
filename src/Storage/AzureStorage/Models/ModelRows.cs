using System.Collections.Concurrent;

namespace Granary.Storage.AzureStorage;

/// <summary>Reads rows of models, and finds out what the locks on them mean.</summary>
internal sealed class ModelRows(AzureAccount account, AzureBlobs blobs, ModelDecisions decisions)
{
    /// <summary>How long a lock may be held before another writer ends the attempt that holds it.</summary>
    public static readonly TimeSpan LockMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(200);

    /// <summary>A row with its lock; one without content where there is none.</summary>
    public async Task<StoredModel> FindAsync(string partition, string key, CancellationToken cancellationToken) =>
        await account.FindAsync(partition, ModelKeys.OfRow(key), cancellationToken).ConfigureAwait(false) is { } row
            ? StoredModel.Read(row) : new StoredModel(partition, key);

    /// <summary>The content of a row as readers see it; null where there is none.</summary>
    /// <param name="row">The row as it was read.</param>
    /// <param name="counted">
    /// What was found out about attempts in this read: whether they count. One that is not decided does not.
    /// </param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<ModelContent?> ReadAsync(
        StoredModel row, ConcurrentDictionary<Guid, bool> counted, CancellationToken cancellationToken)
    {
        while (row.Lock is { } held)
        {
            if (counted.TryGetValue(held.Attempt, out var counts)) return row.Unlocked(counts).Now;
            if (await decisions.FindAsync(held.DecidedIn, held.Attempt, cancellationToken).ConfigureAwait(false)
                is { } committed)
            {
                counted.TryAdd(held.Attempt, committed);
                continue;
            }

            // A decision is deleted after the last lock of its attempt: while there is one, it was not decided.
            row = await FindAsync(row.Partition, row.Key, cancellationToken).ConfigureAwait(false);
            if (row.Lock?.Attempt == held.Attempt) counted.TryAdd(held.Attempt, false);
        }

        return row.Now;
    }

    /// <summary>Rows as readers see them, with their documents; those without content are missing.</summary>
    public async Task<List<(string Key, ModelContent Content, ReadOnlyMemory<byte> Document)>> LoadAsync(
        string partition, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var counted = new ConcurrentDictionary<Guid, bool>();
        var found = new (string, ModelContent, ReadOnlyMemory<byte>)?[keys.Count];
        await AzureAccount.ForEachAsync(
            [.. keys.Select(static (key, at) => (key, at))],
            async (one, token) => found[one.at] =
                await LoadAsync(partition, one.key, counted, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return [.. found.OfType<(string, ModelContent, ReadOnlyMemory<byte>)>()];
    }

    /// <summary>A row that no other commit has locked, for a writer: what is decided is carried out first.</summary>
    public async Task<StoredModel> FindFreeAsync(string partition, string key, CancellationToken cancellationToken)
    {
        var (since, delay) = (account.Time.GetTimestamp(), FirstDelay);
        while (true)
        {
            var row = await FindAsync(partition, key, cancellationToken).ConfigureAwait(false);
            if (row.Lock is not { } held) return row;
            var decided = await decisions.FindAsync(held.DecidedIn, held.Attempt, cancellationToken)
                .ConfigureAwait(false);
            if (decided is null && account.Time.GetElapsedTime(since) >= LockMax
                && await decisions.EndAsync(held.DecidedIn, held.Attempt, cancellationToken).ConfigureAwait(false))
                decided = false;
            if (decided is not { } committed)
            {
                await Task.Delay(delay, account.Time, cancellationToken).ConfigureAwait(false);
                if (delay < DelayMax) delay *= 2;
                continue;
            }

            await account.TryTransactAsync([row.Unlocked(committed).ToAction()], cancellationToken)
                .ConfigureAwait(false);
        }
    }

    // Null where its blob is gone, or the document was not read with the row.
    private async Task<ReadOnlyMemory<byte>?> ReadDocumentAsync(
        ModelContent content, CancellationToken cancellationToken)
    {
        if (content.Blob is not { } blob) return content.Document;
        return await blobs.FindAsync(blob, cancellationToken).ConfigureAwait(false) is { } bytes
            ? content.Checked(bytes) : (ReadOnlyMemory<byte>?)null;
    }

    private async Task<(string, ModelContent, ReadOnlyMemory<byte>)?> LoadAsync(
        string partition, string key, ConcurrentDictionary<Guid, bool> counted, CancellationToken cancellationToken)
    {
        for (var missing = (ModelContent?)null; ;)
        {
            var row = await FindAsync(partition, key, cancellationToken).ConfigureAwait(false);
            if (await ReadAsync(row, counted, cancellationToken).ConfigureAwait(false) is not { } content) return null;
            if (await ReadDocumentAsync(content, cancellationToken).ConfigureAwait(false) is { } document)
                return (key, content, document);

            // A blob is deleted when the row has another content for everyone. A row that still has this one lost it.
            if (missing is not null && missing.Blob == content.Blob)
                throw new StoreCorruptException(
                    $"{account.Name}: the document of model '{key}' is missing. Rebuild the projection.");
            (missing, counted) = (content, new ConcurrentDictionary<Guid, bool>());
        }
    }
}
