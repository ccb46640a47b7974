namespace Granary.Storage.Sqlite;

/// <summary>
/// One commit: judges the appends in order, each seeing what those before it did, and collects what has to be known
/// once it is committed. Nothing outside is changed before that. One instance serves a partition's commits one after
/// the other, so that its collections cost each of them nothing.
/// </summary>
internal sealed class CommitTransaction(PartitionIndex partition, SqliteNames names)
{
    private readonly PartitionIndex _partition = partition;
    private readonly SqliteNames _names = names;
    private readonly Dictionary<StreamName, StreamNumber> _newStreams = [];
    private readonly Dictionary<StoredType, TypeNumber> _newTypes = [];
    private readonly Dictionary<long, EventAddress> _heads = [];
    private readonly List<(long Stream, EventAddress Address)> _added = [];
    private readonly List<AppendResult> _answers = [];
    private SqliteSession _session = null!;
    private LogStatements _log = null!;
    private long _batchTimestamp;
    private long _timestamp;
    private long _last;

    // The last event whose time is known, so that recorded time never decreases.
    private (long Position, long Timestamp) _lastRecorded = (0, long.MinValue);

    // The same for what the transaction has added.
    private long _lastTimestamp;

    /// <summary>Whether the commit cleared a stream.</summary>
    public bool HasCleared { get; private set; }

    /// <summary>
    /// Decides on each append of a batch, in a transaction that has begun; false where too much has to be caught up
    /// first.
    /// </summary>
    public bool TryRun(SqliteSession session, AppendBatch batch) =>
        !_partition.LagsFarBehind(session) && Run(session, batch);

    /// <summary>
    /// Decides on each append of a batch, in a transaction that has begun, however much has to be caught up.
    /// </summary>
    /// <returns>True.</returns>
    public bool Run(SqliteSession session, AppendBatch batch)
    {
        _session = session;
        _log = _partition.LogOf(session);
        _newStreams.Clear();
        _newTypes.Clear();
        _heads.Clear();
        _added.Clear();
        _answers.Clear();
        HasCleared = false;

        // The fence: whatever another process appended is known before a version is checked.
        _last = _partition.CatchUp(session);
        _partition.ThrowIfShorter(_last);
        if (_lastRecorded.Position != _last) _lastRecorded = (_last, _log.RowAt(_last)?.Timestamp ?? long.MinValue);
        _batchTimestamp = LogRow.Microseconds(batch.Timestamp);
        _lastTimestamp = _lastRecorded.Timestamp;
        for (var at = 0; at < batch.Appends.Count; at++) _answers.Add(Decide(batch.Appends[at]));
        return true;
    }

    /// <summary>After the commit: the batch is answered, and what was written becomes known to all.</summary>
    public void Publish(AppendBatch batch)
    {
        for (var at = 0; at < _answers.Count; at++) batch.SetResult(at, _answers[at]);
        foreach (var stream in _newStreams.Values) _names.Add(stream);
        foreach (var (type, number) in _newTypes) _names.Add(type, number);
        _partition.Unflushed.AddAll(_added);
        if (_added.Count > 0) _lastRecorded = (_last, _lastTimestamp);
    }

    private AppendResult Decide(Append append)
    {
        // A copied time that is later than now does not count: everything after it would have it.
        var copied = append.RecordedAt is { } instant ? LogRow.Microseconds(instant) : _batchTimestamp;
        _timestamp = Math.Max(Math.Min(copied, _batchTimestamp), _lastTimestamp);
        var known = FindStream(append.Stream);
        if (known is null)
        {
            // What changes nothing adds no stream either.
            var metByNone = append.Expected.IsMetBy(StreamVersion.Zero, GlobalPosition.Zero);
            if (!metByNone) return Refuse(default);
            if (append.ClearsStream) return Appended(default);
        }

        var stream = known ?? AddStream(append.Stream);
        var head = known is null ? default : HeadOf(stream.Id);
        var met = append.Expected.IsMetBy(new(head.Version), new(head.Position));
        if (known is not null && FindEarlier(append, stream.Id, head, met) is { } earlier) return earlier;
        if (!met) return Refuse(head);
        return append.ClearsStream ? Clear(append, stream, head) : Add(append, stream, head);
    }

    private AppendResult Add(Append append, StreamNumber stream, EventAddress head)
    {
        var events = append.Events;
        for (var at = 0; at < events.Count; at++)
        {
            var prev = head.Version == 0 ? 0 : head.Position;
            head = new EventAddress(head.Version + 1, ++_last);
            Insert(events[at], stream, head, prev, append.Id.Value);
        }

        _heads[stream.Id] = head;
        return Appended(head);
    }

    private void Insert(NewEvent @event, in StreamNumber stream, EventAddress address, long prev, Guid appendId)
    {
        var type = TypeOf(new(@event.Type, @event.SchemaVersion, @event.ContentType));
        var row = new LogRow
        {
            Position = address.Position,
            Stream = stream.Id,
            Version = address.Version,
            Prev = prev,
            Type = type.Id,
            Timestamp = _timestamp,
            Id = @event.Id,
            AppendId = appendId,
        };
        var metadata = LogContent.Stored(@event.Metadata);
        var payload = @event.Payload.Span;
        _log.Insert(row, row.Checksum(stream.Hash, type.Hash, metadata, payload), metadata, payload);
        _added.Add((stream.Id, address));
        _lastTimestamp = _timestamp;
    }

    private AppendResult? FindEarlier(Append append, long stream, EventAddress head, bool met)
    {
        // A clearing may have been followed by others, and by events that bring the stream to any version again.
        if (append.ClearsStream) return FindClearing(append, stream);
        if (append.Expected.Kind != ExpectedVersionKind.Exactly)
            return FindAmongLast(append, stream, head) ?? FindAmongCleared(append, stream, head);

        // A position is met once, a version in each generation.
        if (met && append.Expected.Position != GlobalPosition.Zero) return null;
        var after = met ? null : FindAfterExpected(append, stream, head);
        return after ?? FindAmongCleared(append, stream, head);
    }

    // The event after the version expected is of this append, or the append did not land in this generation.
    private AppendResult? FindAfterExpected(Append append, long stream, EventAddress head)
    {
        var first = append.Expected.Version.Value + 1;
        if (head.Version < first) return null;
        var lastVersion = Math.Min(head.Version, first + append.Events.Count - 1);
        AppendResult? found = null;
        foreach (var recorded in _partition.WalkBack(_session, stream, head, lastVersion, first - 1))
        {
            if (recorded.AppendId == append.Id.Value) found ??= Already(recorded);
            else if (recorded.Version == first) return null;
        }

        return found;
    }

    private AppendResult? FindAmongLast(Append append, long stream, EventAddress head)
    {
        var after = Math.Max(0, head.Version - GranaryLimits.AppendIdWindow);
        foreach (var recorded in _partition.WalkBack(_session, stream, head, head.Version, after))
        {
            if (recorded.AppendId == append.Id.Value) return Already(recorded);
        }

        return null;
    }

    // Each clearing's marker leads to the last event of the generation that it ended, which is a tombstone.
    private AppendResult? FindAmongCleared(Append append, long stream, EventAddress head)
    {
        var remaining = GranaryLimits.AppendIdWindow - head.Version;
        if (remaining <= 0) return null;
        foreach (var position in _session.Removals.Clearings(stream, (int)remaining))
        {
            var marker = ClearingAt(position, stream);
            if (_log.RowAt(marker.Prev) is not { } last) throw _partition.Missing(marker.Prev);
            var end = new EventAddress(last.Version, last.Position);
            var after = Math.Max(0, end.Version - remaining);
            foreach (var recorded in _partition.WalkBack(_session, stream, end, end.Version, after))
            {
                if (recorded.AppendId == append.Id.Value) return Already(recorded);
            }

            remaining -= end.Version;
            if (remaining <= 0) return null;
        }

        return null;
    }

    private AppendResult? FindClearing(Append append, long stream)
    {
        foreach (var position in _session.Removals.Clearings(stream, GranaryLimits.AppendIdWindow))
        {
            var marker = ClearingAt(position, stream);
            if (marker.AppendId == append.Id.Value) return Already(marker);
        }

        return null;
    }

    private LogRow ClearingAt(long position, long stream) =>
        _log.RowAt(position) is { } marker && marker.Stream == stream && marker.Version == 0
            ? marker
            : throw _partition.Misplaced(new EventAddress(0, position));

    private AppendResult Clear(Append append, StreamNumber stream, EventAddress head)
    {
        if (head.Version == 0) return Appended(head);

        // A stream may have any length: its events are not touched. The marker is what hides them, and a mark of one
        // that is before the marker counts no more.
        var marker = new EventAddress(0, ++_last);
        var cleared = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
        Insert(cleared, stream, marker, head.Position, append.Id.Value);
        _session.Removals.AddClearing(stream.Id, marker.Position);
        _session.Leftovers.Add(new Leftover(_log.Partition, marker.Position, head.Position, First: 0));
        _session.Streams.DropSnapshots(stream.Id, before: long.MaxValue);
        _heads[stream.Id] = marker;
        HasCleared = true;
        return Appended(marker);
    }

    private StreamNumber? FindStream(StreamName name) =>
        _newStreams.TryGetValue(name, out var added) ? added : _names.FindStream(_session, name);

    private StreamNumber AddStream(StreamName name) =>
        _newStreams[name] = StreamNumber.Of(name, _session.Streams.AddStream(name));

    private TypeNumber TypeOf(StoredType type)
    {
        if (_names.FindType(type) is { } known) return known;
        if (_newTypes.TryGetValue(type, out var added)) return added;
        return _newTypes[type] = new TypeNumber(_session.Streams.FindOrAddType(type), type.Hash());
    }

    private EventAddress HeadOf(long stream) =>
        _heads.TryGetValue(stream, out var head) ? head : _partition.HeadForWriter(_session, stream);

    private AppendResult Appended(EventAddress last) =>
        Result(AppendOutcome.Appended, last, LogRow.Instant(_timestamp));

    private AppendResult Already(in LogRow recorded) => Result(
        AppendOutcome.AlreadyAppended,
        new EventAddress(recorded.Version, recorded.Position),
        LogRow.Instant(recorded.Timestamp));

    private AppendResult Refuse(EventAddress head) =>
        Result(AppendOutcome.Conflict, head, LogRow.Instant(_timestamp));

    private AppendResult Result(AppendOutcome outcome, EventAddress address, DateTimeOffset timestamp) =>
        new(outcome, new(address.Version), new(_log.Partition, new(address.Position)), timestamp);
}
