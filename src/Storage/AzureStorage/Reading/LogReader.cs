using System.Collections.Concurrent;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Reads the log of a partition, page by page.</summary>
internal sealed class LogReader(AzureAccount account, AzureBlobs blobs)
{
    // How many events a page looks at, however few the filter takes.
    private const int LookedAtMax = 4_096;

    // Rows of commits may be large; where they are small, the next pages have more.
    private const int FirstPage = 32;

    // More removals are not read: the heads of the page's streams tell of them too.
    private const int RemovalsMax = TableRange.PageMax;

    private readonly SegmentReader _segments = new(blobs);

    public async Task<LogPage> ReadAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        filter.Check();
        var partition = after.Partition;

        // Before the events: what is not scrubbed when they are read, and was removed before, is known then.
        var tail = await account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
        if (tail.End <= after.Position.Value) return new LogPage([], after.Position, new(tail.End));
        var removed = tail.Removals is 0 or > RemovalsMax
            ? []
            : await RemovedAsync(after, cancellationToken).ConfigureAwait(false);
        var page = new PageInMaking(partition, after.Position.Value, filter, Math.Min(limit, LookedAtMax), removed);
        await FillAsync(page, after, tail.End, cancellationToken).ConfigureAwait(false);
        return page.ToPage(
            tail.End,
            tail.Removals > RemovalsMax
                ? await BeginningsAsync(partition, page.Streams, cancellationToken).ConfigureAwait(false)
                : removed);
    }

    private async Task FillAsync(
        PageInMaking page, LogPosition after, long end, CancellationToken cancellationToken)
    {
        var range = new TableRange(
            RowKeys.PartitionOf(after.Partition), RowKeys.OfCommit(after.Position.Value), RowKeys.OfCommit(end))
        {
            PageSize = FirstPage,
        };
        await foreach (var row in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            if (!await TryAddAsync(page, row, cancellationToken).ConfigureAwait(false)) return;
        }

        if (page.Through < end) throw PageInMaking.Missing(account.Name, after.Partition, page.Through + 1);
    }

    /// <summary>The first position of each stream that is not removed, of those that are not scrubbed.</summary>
    private async Task<Dictionary<StreamName, long>> RemovedAsync(
        LogPosition after, CancellationToken cancellationToken)
    {
        // What was removed before the page has no event on it.
        var rows = await new TableRange(
                RowKeys.PartitionOf(after.Partition), RowKeys.OfRemoval(after.Position.Value + 1),
                RowKeys.EndOf(RowKeys.Removal))
            .ReadAllAsync(account, RemovalRow.Read, cancellationToken).ConfigureAwait(false);
        return rows.GroupBy(static one => one.Stream)
            .ToDictionary(static one => one.Key, static one => one.Max(static row => row.Position));
    }

    /// <summary>The first position of some streams that is not removed, by their heads as they are now.</summary>
    private async Task<IReadOnlyDictionary<StreamName, long>> BeginningsAsync(
        LogPartition partition, IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<StreamName, long>();
        await AzureAccount.ForEachAsync(
            streams,
            async (stream, token) => found[stream] =
                (await account.ReadHeadAsync(partition, stream, token).ConfigureAwait(false)).SnapshotsFrom,
            cancellationToken).ConfigureAwait(false);
        return found;
    }

    // False where the page is full. Of the blobs only those are read that the page may take events of.
    private async Task<bool> TryAddAsync(PageInMaking page, TableEntity row, CancellationToken cancellationToken)
    {
        var commit = CommitRow.Read(row);
        page.Begin(commit, account.Name);
        while (true)
        {
            var next = commit.First;
            foreach (var stored in commit.Segments)
            {
                if (stored.Count is { } count && next + count - 1 <= page.Through)
                {
                    next += count;
                    continue;
                }

                if (await _segments.FindAsync(stored, cancellationToken).ConfigureAwait(false) is not { } segment)
                    break;
                if (segment.Position != next)
                    throw page.Misplaced(account.Name, next, segment.Position, segment.LastPosition);
                if (!page.TryAdd(segment)) return false;
                next = segment.LastPosition + 1;
            }

            if (next == commit.Last + 1) return true;

            // Each step of a scrub may replace a blob; where nothing has replaced the row, the blob is lost.
            var again = await account.FindAsync(row.PartitionKey, row.RowKey, cancellationToken).ConfigureAwait(false);
            if (again is null || again.ETag == row.ETag)
                throw new StoreCorruptException(
                    $"{account.Name}: events of the positions {next} to {commit.Last} of {row.PartitionKey} are "
                    + "missing. Restore the table and the blobs from a backup.");
            (row, commit) = (again, CommitRow.Read(again));
        }
    }
}
