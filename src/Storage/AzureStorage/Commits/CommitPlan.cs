using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// What one transaction writes, and how it answers appends, where the partition's tail is still the one it was planned
/// on.
/// </summary>
internal sealed class CommitPlan(TailRow tail, Guid id, AzureBlobs blobs)
{
    // What a transaction has in its rows of events, in bytes; each is there twice, and larger as JSON.
    private const int BytesMax = 512 * 1024;

    // The tail and the row of the commit.
    private const int OwnRows = 2;
    private const int ClearingRows = 3;

    private readonly LogPartition _partition = tail.Partition;
    private readonly List<StoredSegment> _segments = [];
    private readonly List<PlannedStream> _changed = [];
    private int _rows = OwnRows;
    private int _bytes;
    private int _removals;

    /// <summary>The tail that it was planned on.</summary>
    public TailRow Base => tail;

    /// <summary>The id of the transaction.</summary>
    public Guid Id => id;

    /// <summary>The position of its last event.</summary>
    public long End { get; private set; } = tail.End;

    /// <summary>When that is recorded.</summary>
    public DateTimeOffset Time { get; private set; } = tail.Time;

    /// <summary>The streams that it changes.</summary>
    public IReadOnlyList<PlannedStream> Changed => _changed;

    /// <summary>The answers, append by append.</summary>
    public List<AppendResult> Answers { get; } = [];

    /// <summary>The blobs that are written before the transaction.</summary>
    public List<(string Name, byte[] Bytes)> Blobs { get; } = [];

    public bool IsEmpty => _segments.Count == 0;

    /// <summary>Plans the events of an append, or a clearing.</summary>
    /// <returns>False where another transaction has to take it.</returns>
    public bool TryAdd(PlannedStream stream, Append append, DateTimeOffset time)
    {
        var (head, first) = (stream.Head, End + 1);
        var events = append.ClearsStream
            ? [new StoredEvent(
                append.Id.Value, EventTypes.StreamCleared, 1, ContentTypes.Json, default, default)]
            : append.Events.Select(StoredEvent.Of).ToArray();
        var segment = new Segment(
            append.Stream, append.ClearsStream ? 0 : head.Version + 1, first, time.Ticks, append.Id.Value, events);
        var bytes = segment.ToBytes();
        var stored = bytes.Length <= StoredSegment.InRowMax
            ? new StoredSegment(bytes, null)
            : new StoredSegment(
                null, blobs.NewEventsName(_partition, head.Hash, head.Generation, segment));
        var rows = (append.ClearsStream ? ClearingRows : 1) + (stream.IsChanged ? 0 : 1);
        if (_rows + rows > TransactionLimits.RowsMax || _bytes + stored.SizeInRow > BytesMax) return false;

        if (stored.Blob is { } blob) Blobs.Add((blob, bytes));
        if (!stream.IsChanged) _changed.Add(stream);
        _segments.Add(stored);
        (_rows, _bytes) = (_rows + rows, _bytes + stored.SizeInRow);
        (End, Time) = (segment.LastPosition, time);
        if (append.ClearsStream) Clear(stream, segment);
        else Append(stream, segment, stored);
        return true;
    }

    /// <summary>The tail when the plan has landed.</summary>
    public TailRow TailAfter(ETag etag) => new(_partition, etag)
    {
        End = End,
        Time = Time,
        Epoch = tail.Epoch,
        Removals = tail.Removals + _removals,
        Commit = id,
    };

    /// <summary>
    /// The rows of the transaction. The tail is the first: where it was replaced, that is what fails.
    /// </summary>
    public List<TableTransactionAction> ToActions()
    {
        var commit = new CommitRow(tail.End + 1, End, id, _segments);
        var actions = new List<TableTransactionAction>(_rows)
        {
            TailAfter(tail.ETag).ToReplacement(),
            Add(commit.ToEntity(_partition)),
        };
        foreach (var stream in _changed)
        {
            var (head, generation) = (stream.Head, stream.State.Head.Generation);
            actions.Add(Put(head.ToEntity(_partition)));
            foreach (var row in stream.Appended)
                actions.Add(Add((row with { CommitLast = End }).ToEntity(_partition, head.Hash, generation)));
            if (stream.Clearing is not { } clearing) continue;
            actions.Add(Add(clearing.ToEntity(_partition, head.Hash)));
            actions.Add(Add(new RemovalRow(
                head.Stream, generation, clearing.Position, stream.State.Head.First, clearing.Version + 1)
                .ToEntity(_partition)));
            actions.Add(Put(SnapshotsRow.None(head.Hash).ToEntity(_partition)));
        }

        return actions;
    }

    private void Append(PlannedStream stream, Segment segment, StoredSegment stored)
    {
        stream.Head = stream.Head with
        {
            Version = segment.Last,
            Position = segment.LastPosition,
            Created = segment.First == 1 ? segment.Time : stream.Head.Created,
            Updated = segment.Time,
        };
        var key = new AppendKey(
            segment.First, segment.Last, segment.Position, segment.Time, segment.AppendId, stored.Blob);
        stream.Appended.Add(new EventsRow(key, 0, stored));
    }

    private void Clear(PlannedStream stream, Segment marker)
    {
        stream.Clearing = new ClearingRow(
            stream.Head.Generation, stream.Head.Version, marker.Position, marker.Time, marker.AppendId);
        stream.Head = HeadRow.Absent(stream.Head.Stream) with
        {
            Generation = stream.Head.Generation + 1,
            Position = marker.Position,
            Cleared = marker.Position,
        };
        _removals++;
    }

    private static TableTransactionAction Add(TableEntity row) => new(TableTransactionActionType.Add, row);

    private static TableTransactionAction Put(TableEntity row) =>
        new(TableTransactionActionType.UpsertReplace, row);
}
