using System.Runtime.CompilerServices;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Rows of a partition in the order of their keys, page by page.</summary>
/// <param name="Partition">The key of the partition.</param>
/// <param name="After">The keys are after this one.</param>
/// <param name="Through">They are up to this one.</param>
internal sealed record TableRange(string Partition, string After, string Through)
{
    /// <summary>How many rows the service returns at most.</summary>
    public const int PageMax = 1000;

    /// <summary>The properties that are read; null for all.</summary>
    public IEnumerable<string>? Select { get; init; }

    // The next page has more rows where this one was smaller, in bytes, and fewer where it was larger.
    private const int PageBytes = 1024 * 1024;
    private const int FewestRows = 8;

    /// <summary>How many rows the first request reads at most; the next ones by their size.</summary>
    public int PageSize { get; init; } = PageMax;

    public async IAsyncEnumerable<TableEntity> ReadAsync(
        AzureAccount account, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Keys have no quotes.
        var filter = $"PartitionKey eq '{Partition}' and RowKey gt '{After}' and RowKey le '{Through}'";
        string? next = null;
        var size = PageSize;
        do
        {
            var (from, count) = (next, Math.Min(size, PageMax));
            var page = await account.CallAsync(
                async token =>
                {
                    var pages = account.Table.QueryAsync<TableEntity>(
                        filter, count, Select, token).AsPages(from);
                    await foreach (var one in pages.ConfigureAwait(false)) return one;
                    return null;
                },
                cancellationToken).ConfigureAwait(false);
            if (page is null) yield break;
            foreach (var row in page.Values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return row;
            }

            next = page.ContinuationToken;
            size = SizeOf(page.Values) < PageBytes ? count * 4 : Math.Max(FewestRows, count / 2);
        }
        while (next is not null);
    }

    public async Task<List<T>> ReadAllAsync<T>(
        AzureAccount account, Func<TableEntity, T> read, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        await foreach (var row in ReadAsync(account, cancellationToken).ConfigureAwait(false)) all.Add(read(row));
        return all;
    }

    private static long SizeOf(IReadOnlyList<TableEntity> rows) =>
        rows.Sum(static row => row.Sum(static one => one.Value is byte[] bytes ? (long)bytes.Length : 0));

    /// <summary>The first row; null where there is none.</summary>
    public async Task<TableEntity?> FirstAsync(AzureAccount account, CancellationToken cancellationToken)
    {
        await foreach (var row in (this with { PageSize = 1 }).ReadAsync(account, cancellationToken)
            .ConfigureAwait(false)) return row;
        return null;
    }
}
