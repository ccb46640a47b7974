using System.Runtime.CompilerServices;

namespace Granary.Storage.AzureStorage;

/// <summary>Reads the streams of a partition, and checks each event against the one before it.</summary>
internal sealed class StreamReader(LogPartition partition, AzureAccount account, AzureBlobs blobs)
{
    // Many readers take a few events and stop.
    private const int PageRows = 64;

    private readonly SegmentReader _segments = new(blobs);

    public async Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        (await account.ReadHeadAsync(partition, stream, cancellationToken).ConfigureAwait(false))
        .ToStreamHead(partition);

    /// <summary>The events of a stream after a version, up to its end as it is now.</summary>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(
        StreamName stream, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var head = await account.ReadHeadAsync(partition, stream, cancellationToken).ConfigureAwait(false);
        if (head.Version > 0 && after < head.First - 1) throw Truncated(head, after);
        while (after < head.Version)
        {
            // Once more where a blob is gone: the row points to another one then.
            var begun = after;
            await foreach (var segment in SegmentsAsync(head, after, cancellationToken).ConfigureAwait(false))
            {
                if (segment is null) break;
                if (segment.Stream != stream || segment.First > after + 1 || segment.Last <= after)
                    throw Missing(stream, after + 1);
                while (after < segment.Last)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var recorded = segment.ToRecorded((int)(after + 1 - segment.First), partition, isRemoved: false);
                    if (recorded.IsTombstone)
                        throw await RemovedAsync(head, after, cancellationToken).ConfigureAwait(false);
                    yield return recorded;
                    after++;
                }
            }

            if (after == begun) throw Missing(stream, after + 1);
        }
    }

    private async IAsyncEnumerable<Segment?> SegmentsAsync(
        HeadRow head, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var range = new TableRange(
            RowKeys.PartitionOf(partition), RowKeys.OfEvents(head.Hash, head.Generation, after),
            RowKeys.OfEvents(head.Hash, head.Generation, head.Version))
        {
            PageSize = PageRows,
        };
        await foreach (var row in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            var (read, events) = (row, EventsRow.Read(row));
            Segment? segment;
            while ((segment = await _segments.FindAsync(events.Segment, cancellationToken).ConfigureAwait(false))
                is null)
            {
                // Each step of a scrub may replace a blob; where nothing has replaced the row, the blob is lost.
                var again = await account.FindAsync(row.PartitionKey, row.RowKey, cancellationToken)
                    .ConfigureAwait(false);
                if (again is null || again.ETag == read.ETag) break;
                (read, events) = (again, EventsRow.Read(again));
            }

            if (segment is not null && !events.Append.IsOf(segment)) throw RowSum.Damaged(row);
            yield return segment;
        }
    }

    private async Task<GranaryException> RemovedAsync(HeadRow head, long after, CancellationToken cancellationToken)
    {
        var now = await account.ReadHeadAsync(partition, head.Stream, cancellationToken).ConfigureAwait(false);
        if (now.Generation != head.Generation) return new StoreUnavailableException(
            $"Stream {head.Stream} was cleared while it was read. Read it again.");
        return after < now.First - 1 ? Truncated(now, after) : Missing(head.Stream, after + 1);
    }

    private static StreamTruncatedException Truncated(HeadRow head, long after) =>
        new(head.Stream, new(after + 1), new(head.First));

    private StoreCorruptException Missing(StreamName stream, long version) => new(
        $"{account.Name}: version {version} of stream {stream} in partition {partition} is missing, or another event "
        + "is in its place. Restore the table and the blobs from a backup.");
}
