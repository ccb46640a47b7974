using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>
/// One commit while it is made: judges the appends in order, each seeing what those before it did, and remembers what
/// has
/// to be known once it has landed. Nothing outside is changed before that.
/// </summary>
internal sealed class CommitTransaction : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly LogTable _log;
    private readonly StreamPlaces _places;
    private readonly SqliteNames _names;
    private readonly AppendBatch _batch;
    private readonly SqliteCommand _insert;
    private readonly Dictionary<StreamName, long> _streams = [];
    private readonly Dictionary<StoredType, long> _types = [];
    private readonly Dictionary<long, Place> _heads = [];
    private readonly List<(long Stream, Place Place)> _added = [];
    private readonly Dictionary<long, List<Place>> _pending = [];
    private readonly HashSet<long> _cleared = [];
    private readonly SqliteCommand _appendIdAt;
    private long _last;

    public CommitTransaction(
        SqliteConnection connection, LogTable log, StreamPlaces places, SqliteNames names, AppendBatch batch)
    {
        (_connection, _log, _places, _names, _batch) = (connection, log, places, names, batch);
        _last = places.Tail.LastPosition;
        _insert = connection.CreateCommand();
        _insert.CommandText =
            $"INSERT INTO {log.Name} "
            + "(position, stream, version, type, id, append_id, timestamp, checksum, metadata, payload) "
            + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        for (var at = 1; at <= 10; at++) _insert.Parameters.Add(new SqliteParameter { ParameterName = $"${at}" });
        _appendIdAt = SqliteDatabase.Command(
            connection, $"SELECT append_id FROM {log.Name} WHERE position = $position", ("$position", 0L));
    }

    public AppendResult Judge(Append append)
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
        var head = HeadOf(stream);
        var met = append.Expected.IsMetBy(new(head.Version), new(head.Position));
        if (FindEarlier(append, stream, head, met) is { } earlier) return earlier;
        if (!met) return Result(AppendOutcome.Conflict, head, _batch.Timestamp);
        if (append.ClearsStream) return Clear(append, stream, head);

        if (!_pending.TryGetValue(stream, out var pending)) _pending.Add(stream, pending = []);
        foreach (var @event in append.Events)
        {
            head = new Place(head.Version + 1, ++_last);
            Insert(@event, stream, head, append.Id.Value);
            _added.Add((stream, head));
            pending.Add(head);
        }

        _heads[stream] = head;
        return Result(AppendOutcome.Appended, head, _batch.Timestamp);
    }

    /// <summary>After the commit: what it wrote becomes known to all.</summary>
    public void Publish()
    {
        foreach (var (name, id) in _streams) _names.Keep(name, id);
        foreach (var (type, id) in _types) _names.Keep(type, id);
        foreach (var (stream, place) in _added) _places.Tail.Add(stream, place);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _appendIdAt.Dispose();
    }

    private AppendResult? FindEarlier(Append append, long stream, Place head, bool met)
    {
        var exactly = append.Expected.Kind == ExpectedVersionKind.Exactly;
        if (exactly && met) return null;
        if (append.ClearsStream) return FindClearing(append, stream);
        var from = exactly
            ? append.Expected.Version.Value
            : Math.Max(0, head.Version - GranaryLimits.AppendIdWindow);
        var candidates = PlacesBehind(stream, from, exactly ? append.Events.Count : GranaryLimits.AppendIdWindow);
        if (candidates.Count == 0) return null;
        if (exactly && AppendIdAt(candidates[0].Position) != append.Id.Value) return null;
        for (var at = candidates.Count - 1; at >= 0; at--)
        {
            if (AppendIdAt(candidates[at].Position) == append.Id.Value)
                return Result(AppendOutcome.AlreadyAppended, candidates[at], TimestampAt(candidates[at].Position));
        }

        return null;
    }

    private AppendResult? FindClearing(Append append, long stream)
    {
        var cleared = StreamPlaces.Cleared(_connection, stream);
        return cleared > 0 && AppendIdAt(cleared) == append.Id.Value
            ? Result(AppendOutcome.AlreadyAppended, new Place(0, cleared), TimestampAt(cleared))
            : null;
    }

    private List<Place> PlacesBehind(long stream, long version, int limit)
    {
        // What was cleared in this batch is still in the tail until the batch has landed.
        var places = _cleared.Contains(stream) ? [] : _places.Behind(_connection, stream, version, limit);
        if (!_pending.TryGetValue(stream, out var pending)) return places;
        var last = places.Count == 0 ? version : places[^1].Version;
        foreach (var place in pending)
        {
            if (place.Version != last + 1 || places.Count == limit) continue;
            places.Add(place);
            last = place.Version;
        }

        return places;
    }

    private AppendResult Clear(Append append, long stream, Place head)
    {
        if (head.Version == 0) return Result(AppendOutcome.Appended, head, _batch.Timestamp);

        // Rare, so it may touch everything that is known of the stream, the index included.
        var tombstone = TypeOf(new(EventTypes.Tombstone, 1, ContentTypes.Json));
        using (var scrub = SqliteDatabase.Command(
            _connection,
            $"UPDATE {_log.Name} SET type = $type, metadata = x'', payload = x'', checksum = $checksum "
            + "WHERE position = $position",
            ("$type", tombstone), ("$checksum", 0L), ("$position", 0L)))
        {
            foreach (var place in AllPlaces(stream)) Scrub(scrub, stream, tombstone, place);
        }

        var marker = new Place(0, ++_last);
        var cleared = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
        Insert(cleared, stream, marker, append.Id.Value);
        using var forget = SqliteDatabase.Command(
            _connection,
            "UPDATE streams SET cleared = $position WHERE id = $stream; "
            + "DELETE FROM stream_index WHERE stream = $stream; "
            + "DELETE FROM snapshots WHERE stream = $stream",
            ("$position", marker.Position), ("$stream", stream));
        forget.ExecuteNonQuery();
        _added.Add((stream, marker));
        _pending.Remove(stream);
        _cleared.Add(stream);
        _heads[stream] = marker;
        return Result(AppendOutcome.Appended, marker, _batch.Timestamp);
    }

    private IEnumerable<Place> AllPlaces(long stream)
    {
        const int chunk = 10_000;
        var version = 0L;
        while (PlacesBehind(stream, version, chunk) is { Count: > 0 } places)
        {
            foreach (var place in places) yield return place;
            version = places[^1].Version;
        }
    }

    private void Scrub(SqliteCommand scrub, long stream, long tombstone, Place place)
    {
        using (var command = SqliteDatabase.Command(
            _connection, $"SELECT id, append_id, timestamp FROM {_log.Name} WHERE position = $position",
            ("$position", place.Position)))
        using (var reader = command.ExecuteReader())
        {
            if (!reader.Read()) throw _log.Missing(place.Position);
            var row = new LogRow(
                place.Position, stream, place.Version, tombstone, reader.GetInt64(2),
                new Guid(reader.GetFieldValue<byte[]>(0), bigEndian: true),
                new Guid(reader.GetFieldValue<byte[]>(1), bigEndian: true));
            scrub.Parameters["$checksum"].Value = LogTable.Checksum(row, default, default);
        }

        scrub.Parameters["$position"].Value = place.Position;
        scrub.ExecuteNonQuery();
    }

    private void Insert(NewEvent @event, long stream, Place place, Guid appendId)
    {
        var metadata = @event.Metadata.Utf8.ToArray();
        var payload = @event.Payload.ToArray();
        var type = TypeOf(new(@event.Type, @event.SchemaVersion, @event.ContentType));
        var timestamp = (_batch.Timestamp - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var row = new LogRow(place.Position, stream, place.Version, type, timestamp, @event.Id, appendId);
        ReadOnlySpan<object> values =
        [
            place.Position, stream, place.Version, type, @event.Id.ToByteArray(bigEndian: true),
            appendId.ToByteArray(bigEndian: true), timestamp, LogTable.Checksum(row, metadata, payload),
            metadata, payload,
        ];
        for (var at = 0; at < values.Length; at++) _insert.Parameters[at].Value = values[at];
        _insert.ExecuteNonQuery();
    }

    private long? FindStream(StreamName name)
    {
        if (_streams.TryGetValue(name, out var known)) return known;
        if (_names.FindStream(_connection, name) is not { } found) return null;
        _streams.Add(name, found);
        return found;
    }

    private long AddStream(StreamName name)
    {
        var id = _names.AddStream(_connection, name);
        _streams.Add(name, id);
        return id;
    }

    private long TypeOf(StoredType type)
    {
        if (_types.TryGetValue(type, out var known)) return known;
        var id = _names.FindOrAddType(_connection, type);
        _types.Add(type, id);
        return id;
    }

    private Place HeadOf(long stream) =>
        _heads.TryGetValue(stream, out var head) ? head : _places.Head(_connection, stream, seen: long.MaxValue);

    private Guid AppendIdAt(long position)
    {
        _appendIdAt.Parameters[0].Value = position;
        return _appendIdAt.ExecuteScalar() is byte[] { Length: 16 } id
            ? new(id, bigEndian: true)
            : throw _log.Missing(position);
    }

    private DateTimeOffset TimestampAt(long position) => _log.TimestampAt(_connection, position);

    private AppendResult Result(AppendOutcome outcome, Place place, DateTimeOffset timestamp) =>
        new(outcome, new(place.Version), new(_log.Partition, new(place.Position)), timestamp);
}
