using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// The readable reference of <see cref="IEventStore"/>: everything in memory, gone with the process. For tests and for
/// understanding what a store has to do.
/// </summary>
public sealed class MemoryEventStore : IEventStore, ILogTail, IStreamCatalog
{
    // How many events a page of the log looks at, however few the filter takes: writers wait meanwhile.
    private const int LookedAtMax = 4_096;

    private readonly Lock _lock = new();
    private readonly List<RecordedEvent>[] _log;
    private readonly Dictionary<StreamName, StreamInMemory> _streams = [];
    private readonly List<StreamName> _names = [];

    // What clearings and truncations have left, the oldest first: their events whose content is still in the log.
    private readonly Queue<List<RecordedEvent>> _cleared = [];
    private readonly MemorySnapshotStore? _snapshots;
    private readonly StoreDescription _description;
    private readonly LogTailSignal _grown;

    /// <summary>Makes an empty store.</summary>
    /// <param name="partitionCount">How many partitions the log has.</param>
    /// <param name="snapshots">The snapshots that go when their stream is cleared.</param>
    public MemoryEventStore(int partitionCount = 1, MemorySnapshotStore? snapshots = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        _description = new StoreDescription(Uuid7.New(TimeProvider.System), partitionCount, StoreLimits.Largest);
        _log = Enumerable.Range(0, partitionCount).Select(static _ => new List<RecordedEvent>()).ToArray();
        _snapshots = snapshots;
        _grown = new LogTailSignal(partitionCount);
    }

    /// <inheritdoc />
    public int PartitionCount => _log.Length;

    /// <inheritdoc />
    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_description);
    }

    /// <inheritdoc />
    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var append in batch.Appends)
        {
            if (LogPartition.Of(append.Stream, PartitionCount) != batch.Partition)
                throw new ArgumentException($"Stream {append.Stream} does not belong to partition {batch.Partition}.");
        }

        lock (_lock)
        {
            var log = _log[batch.Partition.Value];
            for (var at = 0; at < batch.Appends.Count; at++)
            {
                // A clock that goes back must not take recorded time with it.
                var now = batch.Appends[at].RecordedAt is { } copied && copied < batch.Timestamp
                    ? copied
                    : batch.Timestamp;
                if (log.Count > 0 && log[^1].Timestamp > now) now = log[^1].Timestamp;
                batch.SetResult(at, Commit(now, batch.Appends[at]));
            }

            _grown.Grow(new LogPosition(batch.Partition, new(log.Count)));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var found = Find(stream);
            var events = found.Events;
            return ValueTask.FromResult(events.Count == 0
                ? new StreamHead(stream, StreamVersion.Zero, found.Position, null, null)
                : new StreamHead(
                    stream, new(events.Count), found.Position, events[0].Timestamp, events[^1].Timestamp,
                    new(found.First)));
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var found = Find(stream);
            if (after.Value < found.First - 1)
                throw new StreamTruncatedException(stream, new(after.Value + 1), new(found.First));
            return Enumerate([.. found.Events.Skip(Index(after.Value))], cancellationToken);
        }
    }

    /// <inheritdoc />
    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        filter.Check();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var log = _log[after.Partition.Value];
            var (events, size, through) = (new List<RecordedEvent>(), 0L, after.Position.Value);
            for (var looked = 0; looked < LookedAtMax && through < log.Count && events.Count < limit; looked++)
            {
                var recorded = Shown(log[(int)through]);
                if (filter.Takes(recorded.Stream, recorded.Type))
                {
                    size += recorded.Payload.Length + recorded.Metadata.Utf8.Length;
                    if (events.Count > 0 && size > GranaryLimits.PageBytesMax) break;
                    events.Add(recorded);
                }

                through++;
            }

            return ValueTask.FromResult(new LogPage(events, new(through), new(log.Count)));
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        truncation.ThrowIfWrong(PartitionCount);
        var (stream, before, position, snapshot) = truncation;
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var found = Find(stream);
            if (found.Events.ElementAtOrDefault(Index(before.Value - 1))?.Position != position)
                return ValueTask.FromResult(false);
            if (before.Value > found.First)
            {
                _cleared.Enqueue(found.Truncate((int)before.Value));
                _snapshots?.Truncate(stream, before, position, snapshot);
            }

            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var begin = after is { } last ? _names.IndexOf(last) + 1 : 0;
            if (after is not null && begin == 0) throw new ArgumentException($"There is no stream {after}.");
            var found = _names.Skip(begin).Where(one => category is null || one.Category == category)
                .Take(limit + 1).ToList();
            return ValueTask.FromResult(found.Count <= limit
                ? new StreamPage(found, null)
                : new StreamPage(found[..limit], found[limit - 1]));
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eventsMax, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            for (; eventsMax > 0 && _cleared.TryPeek(out var events); eventsMax--)
            {
                var gone = events[^1];
                _log[gone.Position.Partition.Value][(int)gone.Position.Position.Value - 1] =
                    StreamInMemory.Tombstone(gone);
                events.RemoveAt(events.Count - 1);
                if (events.Count == 0) _cleared.Dequeue();
            }

            return ValueTask.FromResult(_cleared.Count > 0);
        }
    }

    /// <inheritdoc />
    public ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken) =>
        _grown.WaitAsync(after, cancellationToken);

    private AppendResult Commit(DateTimeOffset now, Append append)
    {
        var stream = Find(append.Stream);
        var met = append.Expected.IsMetBy(new(stream.Events.Count), stream.Position.Position);
        if (stream.FindEarlier(append, met) is { } earlier) return earlier;
        if (!met) return new(AppendOutcome.Conflict, new(stream.Events.Count), stream.Position, now);

        if (!append.ClearsStream && _streams.TryAdd(append.Stream, stream)) _names.Add(append.Stream);
        if (append.ClearsStream) Clear(now, append, stream);
        foreach (var @event in append.Events) stream.Events.Add(Record(now, append, stream, @event));
        return new(AppendOutcome.Appended, new(stream.Events.Count), stream.Position, now);
    }

    private void Clear(DateTimeOffset now, Append append, StreamInMemory stream)
    {
        if (stream.Events.Count == 0) return;
        _cleared.Enqueue(stream.Clear());
        var marker = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
        stream.Clearings.Add(Record(now, append, stream, marker));
        _snapshots?.Clear(append.Stream, stream.Position);
    }

    // What is removed and not scrubbed yet is in the log as it was.
    private RecordedEvent Shown(RecordedEvent recorded) =>
        _cleared.Count > 0 && _streams[recorded.Stream].HasRemoved(recorded)
            ? StreamInMemory.Tombstone(recorded)
            : recorded;

    private RecordedEvent Record(DateTimeOffset now, Append append, StreamInMemory stream, NewEvent @event)
    {
        var partition = stream.Position.Partition;
        var log = _log[partition.Value];
        var recorded = new RecordedEvent
        {
            Stream = append.Stream,
            Version = @event.Type == EventTypes.StreamCleared ? StreamVersion.Zero : new(stream.Events.Count + 1),
            Position = new(partition, new(log.Count + 1)),
            Id = @event.Id,
            AppendId = append.Id,
            Type = @event.Type,
            SchemaVersion = @event.SchemaVersion,
            Timestamp = now,
            ContentType = @event.ContentType,
            Payload = @event.Payload.ToArray(),
            Metadata = @event.Metadata,
        };
        log.Add(recorded);
        return recorded;
    }

    // Nothing in memory is longer than an array may be.
    private static int Index(long after) => (int)Math.Min(after, int.MaxValue);

    private StreamInMemory Find(StreamName name) =>
        _streams.TryGetValue(name, out var found) ? found : new StreamInMemory(LogPartition.Of(name, PartitionCount));

    private static async IAsyncEnumerable<RecordedEvent> Enumerate(
        RecordedEvent[] events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var recorded in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return recorded;
        }
    }
}
