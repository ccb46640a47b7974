namespace Granary.Storage.AzureStorage;

/// <summary>Reads the log of a partition, page by page.</summary>
internal sealed class LogReader(AzureAccount account, AzureBlobs blobs)
{
    // How many events a page looks at, however few the filter takes.
    private const int LookedAtMax = 4_096;

    // How often a commit is read again whose blob is gone: it points to another one then.
    private const int TriesMax = 3;

    // Rows of commits may be large; where they are small, the next pages have more.
    private const int FirstPage = 32;

    private readonly SegmentReader _segments = new(blobs);

    public async Task<LogPage> ReadAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        filter.Check();
        var partition = after.Partition;

        // Before the events: what is not scrubbed when they are read, and was removed before, is known then.
        var tail = await account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
        if (tail.End <= after.Position.Value) return new LogPage([], after.Position, new(tail.End));
        var removed = tail.Removals == 0
            ? []
            : await RemovedAsync(partition, cancellationToken).ConfigureAwait(false);
        var page = new PageInMaking(partition, after.Position.Value, filter, Math.Min(limit, LookedAtMax), removed);
        var range = new TableRange(
            RowKeys.PartitionOf(partition), RowKeys.OfCommit(after.Position.Value), RowKeys.OfCommit(tail.End))
        {
            PageSize = FirstPage,
        };
        await foreach (var row in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            var segments = await SegmentsAsync(row.PartitionKey, CommitRow.Read(row), page.Through, cancellationToken)
                .ConfigureAwait(false);
            if (!segments.TrueForAll(one => page.TryAdd(one, account.Name))) return page.ToPage(tail.End);
        }

        if (page.Through < tail.End) throw PageInMaking.Missing(account.Name, partition, page.Through + 1);
        return page.ToPage(tail.End);
    }

    /// <summary>The first position of each stream that is not removed, of those that are not scrubbed.</summary>
    private async Task<Dictionary<StreamName, long>> RemovedAsync(
        LogPartition partition, CancellationToken cancellationToken)
    {
        var rows = await new TableRange(
                RowKeys.PartitionOf(partition), RowKeys.OfRemoval(0), RowKeys.EndOf(RowKeys.Removal))
            .ReadAllAsync(account, RemovalRow.Read, cancellationToken).ConfigureAwait(false);
        return rows.GroupBy(static one => one.Stream)
            .ToDictionary(static one => one.Key, static one => one.Max(static row => row.Position));
    }

    private async Task<List<Segment>> SegmentsAsync(
        string partition, CommitRow commit, long after, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var segments = new List<Segment>();
            foreach (var stored in commit.Segments)
            {
                if (await _segments.FindAsync(stored, cancellationToken).ConfigureAwait(false) is not { } segment)
                    break;
                if (segment.LastPosition > after) segments.Add(segment);
            }

            if (segments.Count > 0 && segments[^1].LastPosition == commit.Last) return segments;
            if (tries == TriesMax || await account.FindAsync(
                    partition, RowKeys.OfCommit(commit.Last), cancellationToken).ConfigureAwait(false) is not { } row)
                throw new StoreCorruptException(
                    $"{account.Name}: events of the positions {commit.First} to {commit.Last} of {partition} are "
                    + "missing. Restore the table and the blobs from a backup.");
            commit = CommitRow.Read(row);
        }
    }
}
