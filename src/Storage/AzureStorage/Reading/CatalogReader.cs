namespace Granary.Storage.AzureStorage;

/// <summary>Lists the names of streams: partition by partition, in the order of their hashes.</summary>
internal sealed class CatalogReader(AzureAccount account, int partitionCount)
{
    // How many streams a page looks at, however few are of the category.
    private const int LookedAtMax = 1_000;

    public async Task<StreamPage> ReadAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        var (found, last) = (new List<StreamName>(), after);
        var (partition, key) = (0, RowKeys.OfHead(""));
        if (after is { } begin)
        {
            partition = LogPartition.Of(begin, partitionCount).Value;
            key = RowKeys.OfHead(RowKeys.HashOf(begin));
            if (await account.FindAsync(RowKeys.PartitionOf(new(partition)), key, cancellationToken)
                .ConfigureAwait(false) is null)
                throw new ArgumentException($"There is no stream {begin}.", nameof(after));
        }

        for (var looked = 0; partition < partitionCount; partition++, key = RowKeys.OfHead(""))
        {
            var range = new TableRange(RowKeys.PartitionOf(new(partition)), key, RowKeys.EndOf(RowKeys.Head))
            {
                PageSize = category is null ? Math.Min(limit, LookedAtMax) + 1 : TableRange.PageMax,
            };
            await foreach (var row in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
            {
                // There is more: the page ends at what was looked at last.
                if (found.Count == limit || looked == LookedAtMax) return new StreamPage(found, last);
                looked++;
                last = HeadRow.Read(row).Stream;
                if (category is null || last.Value.Category == category) found.Add(last.Value);
            }
        }

        return new StreamPage(found, null);
    }
}
