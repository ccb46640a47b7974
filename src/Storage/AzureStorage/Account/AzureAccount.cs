using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The table and the container of a store. Its calls are tried again by the store and not by the clients: what a
/// client sends twice is answered as if it had not landed the first time.
/// </summary>
internal sealed class AzureAccount : IDisposable
{
    /// <summary>How long a writer waits at most for somebody who has asked it to, in milliseconds.</summary>
    public const int PauseMaxMs = 1_000;

    // How many requests of one call run at once.
    private const int RequestsAtOnce = 32;

    private readonly AzureStoreOptions _options;
    private readonly AzureMetrics _metrics = new();

    public AzureAccount(AzureStoreOptions options, TimeProvider time)
    {
        (_options, Time) = (options, time);
        var timeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs);
        var tables = new TableClientOptions();
        var blobs = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
        (tables.Retry.MaxRetries, tables.Retry.NetworkTimeout) = (0, timeout);
        (blobs.Retry.MaxRetries, blobs.Retry.NetworkTimeout) = (0, timeout);
        tables.AddPolicy(_metrics.Tables, HttpPipelinePosition.PerRetry);
        blobs.AddPolicy(_metrics.Blobs, HttpPipelinePosition.PerRetry);
        if (options.Transport is { } transport) (tables.Transport, blobs.Transport) = (transport, transport);
        if (options.TableEndpoint is { } address)
        {
            // A signature must not stay in the address, which may be logged.
            var plain = new Uri(address.GetLeftPart(UriPartial.Path));
            var container = options.BlobEndpoint ?? BlobsOf(plain);
            if (address.Query.Length > 1)
            {
                var signature = new AzureSasCredential(address.Query[1..]);
                Table = new TableServiceClient(plain, signature, tables).GetTableClient(options.Name);
                Container = new BlobServiceClient(container, signature, blobs).GetBlobContainerClient(options.Name);
            }
            else
            {
                var credential = options.Credential ?? new DefaultAzureCredential();
                Table = new TableClient(plain, options.Name, credential, tables);
                Container = new BlobServiceClient(container, credential, blobs).GetBlobContainerClient(options.Name);
            }
        }
        else
        {
            Table = new TableClient(options.ConnectionString, options.Name, tables);
            Container = new BlobContainerClient(options.ConnectionString, options.Name, blobs);
        }

        Name = $"Azure table {options.Name} of storage account {Table.AccountName}";
    }

    public TableClient Table { get; }

    public BlobContainerClient Container { get; }

    public TimeProvider Time { get; }

    /// <summary>What the store is called in messages; no secret is in it.</summary>
    public string Name { get; }

    public RetryBudget StartBudget() =>
        new(TimeSpan.FromMilliseconds(_options.RetryBudgetMs), Time, _metrics);

    /// <summary>
    /// Calls the service, again where that may help. The call must have the same effect when it is made twice.
    /// </summary>
    /// <exception cref="RequestFailedException">
    /// There is no such row or blob (<see cref="AzureErrors.IsAbsent"/>), or another is there
    /// (<see cref="AzureErrors.IsRefused"/>); everything else is mapped.
    /// </exception>
    public async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var budget = StartBudget();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await call(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (AzureErrors.IsTransient(fault, cancellationToken))
            {
                if (!await budget.WaitAsync(fault, cancellationToken).ConfigureAwait(false))
                    throw AzureErrors.Map(fault, Name);
            }
            catch (Exception fault) when (AzureErrors.IsOfService(fault, cancellationToken)
                && fault is not RequestFailedException { Status: 404 or 409 or 412 })
            {
                throw AzureErrors.Map(fault, Name);
            }
            catch (RequestFailedException fault) when (!AzureErrors.IsAbsent(fault) && !AzureErrors.IsRefused(fault))
            {
                throw AzureErrors.Map(fault, Name);
            }
        }
    }

    /// <summary>A row; null where there is none.</summary>
    public async Task<TableEntity?> FindAsync(string partition, string key, CancellationToken cancellationToken)
    {
        var found = await CallAsync(
            token => Table.GetEntityIfExistsAsync<TableEntity>(partition, key, cancellationToken: token),
            cancellationToken).ConfigureAwait(false);
        return found.HasValue ? found.Value : null;
    }

    /// <summary>The tail of a partition.</summary>
    /// <exception cref="StoreCorruptException">It is missing.</exception>
    public async Task<TailRow> ReadTailAsync(LogPartition partition, CancellationToken cancellationToken) =>
        await FindAsync(RowKeys.PartitionOf(partition), RowKeys.Tail, cancellationToken).ConfigureAwait(false)
            is { } row
            ? TailRow.Read(partition, row)
            : throw new StoreCorruptException(
                $"{Name}: the end of partition {partition} is missing. Restore the table from a backup.");

    /// <summary>
    /// The tail of a partition, for a transaction that needs more than one request. A writer that remembers the tail
    /// needs one only, and would always be faster: from the second try on, the writers are asked to wait.
    /// </summary>
    public async Task<TailRow> ReadTailInTurnAsync(
        LogPartition partition, int tries, CancellationToken cancellationToken)
    {
        const int firstMs = 50;
        if (tries > 1)
        {
            var pause = TailRow.Pause(partition, Math.Min(firstMs << Math.Min(tries - 2, 5), PauseMaxMs));
            await CallAsync(
                token => Table.UpdateEntityAsync(pause, ETag.All, TableUpdateMode.Merge, token), cancellationToken)
                .ConfigureAwait(false);
        }

        return await ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The head of a stream; one at version 0 where the stream never was.</summary>
    public async Task<HeadRow> ReadHeadAsync(
        LogPartition partition, StreamName stream, CancellationToken cancellationToken)
    {
        var absent = HeadRow.Absent(stream);
        var row = await FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfHead(absent.Hash), cancellationToken).ConfigureAwait(false);
        return row is null ? absent : HeadRow.Read(row);
    }

    /// <summary>Changes rows of a partition, all or none.</summary>
    /// <returns>Whether it is done; false where one of them is not as it was read.</returns>
    public async Task<bool> TryTransactAsync(
        IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellationToken) =>
        await TransactAsync(actions, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Changes rows of a partition, all or none.</summary>
    /// <param name="actions">The changes.</param>
    /// <param name="cancellationToken">Honoured until they are sent.</param>
    /// <param name="onLeft">Called where a request got no answer, and may land later.</param>
    /// <returns>
    /// The rows' ETags, the default for those that are deleted; null where one of them is not as it was read.
    /// </returns>
    public async Task<IReadOnlyList<ETag>?> TransactAsync(
        IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellationToken, Action? onLeft = null)
    {
        TransactionLimits.Check(actions);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // What is sent is not cancelled: it may have landed.
            var answers = await CallAsync(
                async token =>
                {
                    try
                    {
                        return await Table.SubmitTransactionAsync(actions, token).ConfigureAwait(false);
                    }
                    catch (Exception fault) when (AzureErrors.MayLandLater(fault))
                    {
                        onLeft?.Invoke();
                        throw;
                    }
                },
                CancellationToken.None).ConfigureAwait(false);
            return [.. answers.Value.Select(static one => one.Headers.ETag ?? default)];
        }
        catch (RequestFailedException)
        {
            return null;
        }
    }

    /// <summary>Runs a call for each of some, a number of them at once.</summary>
    public static Task ForEachAsync<T>(
        IReadOnlyCollection<T> all, Func<T, CancellationToken, ValueTask> run, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            all,
            new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken },
            run);

    public void Dispose() => _metrics.Dispose();

    private static Uri BlobsOf(Uri tables) =>
        new UriBuilder(tables) { Host = tables.Host.Replace(".table.", ".blob.", StringComparison.Ordinal) }.Uri;
}
