using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// One transaction of a scrub: the rows of a stream's events and the rows of their commits, without the content of what
/// was removed.
/// </summary>
internal sealed class ScrubStep(
    LogPartition partition, RemovalRow removal, int eventsMax, AzureAccount account, AzureBlobs blobs)
{
    // The rows of a step, in bytes, and how many of its events' rows there are.
    private const int BytesMax = 1024 * 1024;
    private const int RowsMax = 32;

    // What was in a blob stays in one, unless little is left: a commit may have many, and its row has no room for them.
    private const int FromBlobMax = 1024;

    private readonly string _key = RowKeys.PartitionOf(partition);
    private readonly string _hash = RowKeys.HashOf(removal.Stream);
    private readonly SegmentReader _segments = new(blobs);
    private readonly Dictionary<long, CommitRow> _commits = [];
    private readonly List<TableTransactionAction> _actions = [];
    private readonly List<string> _replaced = [];
    private readonly List<(string Name, byte[] Bytes)> _written = [];
    private long _size;

    /// <summary>The first version that is left.</summary>
    public long Next { get; private set; } = removal.From;

    /// <summary>The blobs that have to be written before the step.</summary>
    public IReadOnlyList<(string Name, byte[] Bytes)> Written => _written;

    /// <summary>Reads what the step changes.</summary>
    /// <returns>False where it was changed meanwhile.</returns>
    public async Task<bool> TryPrepareAsync(CancellationToken cancellationToken)
    {
        var through = Math.Min(removal.Before - 1, removal.From - 1 + eventsMax);
        var range = new TableRange(
            _key, RowKeys.OfEvents(_hash, removal.Generation, removal.From - 1),
            RowKeys.OfEvents(_hash, removal.Generation, long.MaxValue))
        {
            PageSize = RowsMax,
        };
        await foreach (var entity in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            if (Next > through || _size > BytesMax || _actions.Count == RowsMax) break;
            if (!await TryAddAsync(EventsRow.Read(entity), through, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return Next > removal.From;
    }

    /// <summary>
    /// The rows of the step. The removal keeps the blobs that nothing uses then, until they are deleted.
    /// </summary>
    /// <param name="etag">The row of the removal, as it is.</param>
    public List<TableTransactionAction> ToActions(ETag etag)
    {
        foreach (var commit in _commits.Values)
            _actions.Add(new(TableTransactionActionType.UpdateReplace, commit.ToEntity(partition), commit.ETag));
        var left = removal with { From = Next, Unused = _replaced };
        _actions.Add(new(TableTransactionActionType.UpdateReplace, left.ToEntity(partition), etag));
        return _actions;
    }

    private async Task<bool> TryAddAsync(EventsRow row, long through, CancellationToken cancellationToken)
    {
        var commit = await FindCommitAsync(row.CommitLast, cancellationToken).ConfigureAwait(false);
        if (commit is null || await _segments.FindAsync(row.Segment, cancellationToken).ConfigureAwait(false)
            is not { } segment) return false;
        var last = Math.Min(segment.Last, through);
        var inRowMax = row.Segment.Blob is null ? StoredSegment.InRowMax : FromBlobMax;
        var stored = Store(segment.WithoutContent(removal.From, last), inRowMax);
        var at = await IndexAsync(commit, row, segment, cancellationToken).ConfigureAwait(false);
        if (at < 0) return false;
        if (row.Segment.Blob is { } blob) _replaced.Add(blob);
        var segments = commit.Segments.ToArray();
        segments[at] = stored;
        _commits[commit.Last] = commit with { Segments = segments };
        var scrubbed = row with { Segment = stored, Append = row.Append with { Blob = stored.Blob } };
        _actions.Add(new(
            TableTransactionActionType.UpdateReplace, scrubbed.ToEntity(partition, _hash, removal.Generation),
            row.ETag));
        _size += stored.SizeInRow;
        Next = last + 1;
        return true;
    }

    private async Task<CommitRow?> FindCommitAsync(long last, CancellationToken cancellationToken)
    {
        if (_commits.TryGetValue(last, out var known)) return known;
        if (await account.FindAsync(_key, RowKeys.OfCommit(last), cancellationToken).ConfigureAwait(false)
            is not { } row) return null;
        var commit = CommitRow.Read(row);
        _size += commit.Segments.Sum(static one => one.SizeInRow);
        return commit;
    }

    // Which of the commit's appends it is: by its blob, else by its position.
    private async Task<int> IndexAsync(
        CommitRow commit, EventsRow row, Segment segment, CancellationToken cancellationToken)
    {
        for (var at = 0; at < commit.Segments.Count; at++)
        {
            var one = commit.Segments[at];
            if (row.Segment.Blob is { } blob ? one.Blob == blob : one.Blob is null
                && (await _segments.FindAsync(one, cancellationToken).ConfigureAwait(false))!.Position
                    == segment.Position) return at;
        }

        return -1;
    }

    private StoredSegment Store(Segment segment, int inRowMax)
    {
        var bytes = segment.ToBytes();
        if (bytes.Length <= inRowMax) return new StoredSegment(bytes, null);
        var name = blobs.NewEventsName(partition, _hash, removal.Generation, segment);
        _written.Add((name, bytes));
        return new StoredSegment(null, name);
    }
}
