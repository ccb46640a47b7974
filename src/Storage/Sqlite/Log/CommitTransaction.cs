namespace Granary.Storage.Sqlite;

/// <summary>
/// One commit while it is made: judges the appends in order, each seeing what those before it did, and remembers what
/// has to be known once it has landed. Nothing outside is changed before that. One serves a partition's commits one
/// after the other, so that what it remembers in costs each of them nothing.
/// </summary>
internal sealed class CommitTransaction(PartitionIndex partition, SqliteNames names)
{
    private readonly PartitionIndex _partition = partition;
    private readonly SqliteNames _names = names;
    private readonly Dictionary<StreamName, long> _newStreams = [];
    private readonly Dictionary<StoredType, long> _newTypes = [];
    private readonly Dictionary<long, Place> _heads = [];
    private readonly List<(long Stream, Place Place)> _added = [];
    private SqliteSession _session = null!;
    private LogStatements _log = null!;
    private AppendBatch _batch = null!;
    private long _timestamp;
    private long _last;

    /// <summary>Judges a batch, in a transaction that has begun.</summary>
    public void Run(SqliteSession session, AppendBatch batch)
    {
        (_session, _batch) = (session, batch);
        _log = _partition.LogOf(session);
        _timestamp = LogRow.Microseconds(batch.Timestamp);
        _newStreams.Clear();
        _newTypes.Clear();
        _heads.Clear();
        _added.Clear();

        // The fence: whatever another process appended is known before a version is checked.
        _last = _partition.CatchUp(session);
        for (var at = 0; at < batch.Appends.Count; at++) batch.SetResult(at, Judge(batch.Appends[at]));
    }

    private AppendResult Judge(Append append)
    {
        var known = FindStream(append.Stream);
        if (known is null)
        {
            // What changes nothing leaves no trace of the stream either.
            var metByNone = append.Expected.IsMetBy(StreamVersion.Zero, GlobalPosition.Zero);
            if (!metByNone) return Result(AppendOutcome.Conflict, default, _batch.Timestamp);
            if (append.ClearsStream) return Result(AppendOutcome.Appended, default, _batch.Timestamp);
        }

        var stream = known ?? AddStream(append.Stream);
        var head = known is null ? default : HeadOf(stream);
        var met = append.Expected.IsMetBy(new(head.Version), new(head.Position));
        if (FindEarlier(append, stream, head, met) is { } earlier) return earlier;
        if (!met) return Result(AppendOutcome.Conflict, head, _batch.Timestamp);
        return append.ClearsStream ? Clear(append, stream, head) : Add(append, stream, head);
    }

    /// <summary>After the commit: what it wrote becomes known to all.</summary>
    public void Publish()
    {
        foreach (var (name, id) in _newStreams) _names.Keep(name, id);
        foreach (var (type, id) in _newTypes) _names.Keep(type, id);
        _partition.Tail.AddAll(_added);
    }

    private AppendResult Add(Append append, long stream, Place head)
    {
        var events = append.Events;
        for (var at = 0; at < events.Count; at++)
        {
            var prev = head.Version == 0 ? 0 : head.Position;
            head = new Place(head.Version + 1, ++_last);
            Insert(events[at], stream, head, prev, append.Id.Value);
        }

        _heads[stream] = head;
        return Result(AppendOutcome.Appended, head, _batch.Timestamp);
    }

    private void Insert(NewEvent @event, long stream, Place place, long prev, Guid appendId)
    {
        var row = new LogRow
        {
            Position = place.Position,
            Stream = stream,
            Version = place.Version,
            Type = TypeOf(new(@event.Type, @event.SchemaVersion, @event.ContentType)),
            Timestamp = _timestamp,
            Id = @event.Id,
            AppendId = appendId,
        };
        _log.Insert(row, prev, @event.Metadata.Utf8.Span, @event.Payload.Span);
        _added.Add((stream, place));
    }

    private AppendResult? FindEarlier(Append append, long stream, Place head, bool met)
    {
        var exactly = append.Expected.Kind == ExpectedVersionKind.Exactly;
        if (exactly && met) return null;
        if (append.ClearsStream) return FindClearing(append, stream);
        return exactly
            ? FindBehind(append, stream, head)
            : FindAmongLast(append, stream, head);
    }

    // The event behind the version expected is by this append, or the append never landed.
    private AppendResult? FindBehind(Append append, long stream, Place head)
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

    private AppendResult? FindAmongLast(Append append, long stream, Place head)
    {
        var after = Math.Max(0, head.Version - GranaryLimits.AppendIdWindow);
        foreach (var recorded in _partition.WalkBack(_session, stream, head, head.Version, after))
        {
            if (recorded.AppendId == append.Id.Value) return Already(recorded);
        }

        return null;
    }

    private AppendResult? FindClearing(Append append, long stream)
    {
        var cleared = _session.Names.Cleared(stream);
        return cleared > 0 && _log.RowAt(cleared) is { } marker
            && marker.AppendId == append.Id.Value ? Already(marker) : null;
    }

    private AppendResult Clear(Append append, long stream, Place head)
    {
        if (head.Version == 0) return Result(AppendOutcome.Appended, head, _batch.Timestamp);

        // Rare, so it may touch everything that is known of the stream, the index included.
        var tombstone = TypeOf(new(EventTypes.Tombstone, 1, ContentTypes.Json));
        foreach (var recorded in _partition.WalkBack(_session, stream, head, head.Version, after: 0))
        {
            _log.Scrub(new LogRow
            {
                Position = recorded.Position,
                Stream = stream,
                Version = recorded.Version,
                Type = tombstone,
                Timestamp = recorded.Timestamp,
                Id = recorded.Id,
                AppendId = recorded.AppendId,
            });
        }

        var marker = new Place(0, ++_last);
        var cleared = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
        Insert(cleared, stream, marker, head.Position, append.Id.Value);
        _session.Names.Clear(stream, marker.Position);
        _session.Index.Forget(stream);
        _heads[stream] = marker;
        return Result(AppendOutcome.Appended, marker, _batch.Timestamp);
    }

    private long? FindStream(StreamName name) =>
        _newStreams.TryGetValue(name, out var added) ? added : _names.FindStream(_session, name);

    private long AddStream(StreamName name) => _newStreams[name] = _session.Names.AddStream(name);

    private long TypeOf(StoredType type)
    {
        if (_names.FindType(type) is { } known) return known;
        if (_newTypes.TryGetValue(type, out var added)) return added;
        return _newTypes[type] = _session.Names.FindOrAddType(type);
    }

    private Place HeadOf(long stream) =>
        _heads.TryGetValue(stream, out var head) ? head : _partition.HeadForWriter(_session, stream);

    private AppendResult Already(in LogRow recorded) => Result(
        AppendOutcome.AlreadyAppended,
        new Place(recorded.Version, recorded.Position),
        LogRow.Instant(recorded.Timestamp));

    private AppendResult Result(AppendOutcome outcome, Place place, DateTimeOffset timestamp) =>
        new(outcome, new(place.Version), new(_log.Partition, new(place.Position)), timestamp);
}
