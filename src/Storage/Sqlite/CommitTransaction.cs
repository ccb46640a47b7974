using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>
/// One commit while it is made: judges the appends in order, each seeing what those before it did, and remembers what has
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
    private long _last;

    public CommitTransaction(
        SqliteConnection connection, LogTable log, StreamPlaces places, SqliteNames names, AppendBatch batch)
    {
        (_connection, _log, _places, _names, _batch) = (connection, log, places, names, batch);
        _last = places.Tail.LastPosition;
        _insert = connection.CreateCommand();
        _insert.CommandText =
            $"INSERT INTO {log.Name} (position, stream, version, type, id, append_id, timestamp, checksum, metadata, payload) "
            + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        for (var at = 1; at <= 10; at++) _insert.Parameters.Add(new SqliteParameter { ParameterName = $"${at}" });
    }

    public AppendResult Judge(Append append)
    {
        var stream = StreamOf(append.Stream);
        var head = HeadOf(stream);
        var met = append.Expected.IsMetBy(new(head.Version), new(head.Position));
        if (FindEarlier(append, stream, head, met) is { } earlier) return earlier;
        if (!met) return Result(AppendOutcome.Conflict, head, _batch.Timestamp);
        if (append.ClearsStream) return Clear(append, stream, head);

        var appendId = append.Id.Value.ToByteArray();
        foreach (var @event in append.Events)
        {
            head = new Place(head.Version + 1, ++_last);
            Insert(@event, stream, head, appendId);
            _added.Add((stream, head));
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

    public void Dispose() => _insert.Dispose();

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
        var places = _places.Behind(_connection, stream, version, limit);
        var last = places.Count == 0 ? version : places[^1].Version;
        foreach (var (added, place) in _added)
        {
            if (added != stream || place.Version != last + 1 || places.Count == limit) continue;
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
            foreach (var place in AllPlaces(stream)) Scrub(scrub, place);
        }

        var marker = new Place(0, ++_last);
        var cleared = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
        Insert(cleared, stream, marker, append.Id.Value.ToByteArray());
        using var forget = SqliteDatabase.Command(
            _connection,
            "UPDATE streams SET cleared = $position WHERE id = $stream; DELETE FROM stream_index WHERE stream = $stream; "
            + "DELETE FROM snapshots WHERE stream = $stream",
            ("$position", marker.Position), ("$stream", stream));
        forget.ExecuteNonQuery();
        _added.Add((stream, marker));
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

    private void Scrub(SqliteCommand scrub, Place place)
    {
        var id = new Guid(BytesAt("id", place.Position));
        scrub.Parameters["$checksum"].Value = LogTable.Checksum(place.Version, id, default, default);
        scrub.Parameters["$position"].Value = place.Position;
        scrub.ExecuteNonQuery();
    }

    private void Insert(NewEvent @event, long stream, Place place, byte[] appendId)
    {
        var metadata = @event.Metadata.Utf8.ToArray();
        var payload = @event.Payload.ToArray();
        var type = TypeOf(new(@event.Type, @event.SchemaVersion, @event.ContentType));
        ReadOnlySpan<object> values =
        [
            place.Position, stream, place.Version, type, @event.Id.ToByteArray(), appendId,
            (_batch.Timestamp - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            LogTable.Checksum(place.Version, @event.Id, metadata, payload), metadata, payload,
        ];
        for (var at = 0; at < values.Length; at++) _insert.Parameters[at].Value = values[at];
        _insert.ExecuteNonQuery();
    }

    private long StreamOf(StreamName name)
    {
        if (_streams.TryGetValue(name, out var known)) return known;
        var id = _names.FindStream(_connection, name) ?? _names.AddStream(_connection, name);
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
        _heads.TryGetValue(stream, out var head) ? head : _places.Head(_connection, stream);

    private Guid AppendIdAt(long position) => new(BytesAt("append_id", position));

    private byte[] BytesAt(string column, long position)
    {
        using var command = SqliteDatabase.Command(
            _connection, $"SELECT {column} FROM {_log.Name} WHERE position = $position", ("$position", position));
        return (byte[])command.ExecuteScalar()!;
    }

    private DateTimeOffset TimestampAt(long position) => DateTimeOffset.UnixEpoch.AddTicks(
        SqliteDatabase.Scalar(
            _connection, $"SELECT timestamp FROM {_log.Name} WHERE position = $position", ("$position", position))
        * TimeSpan.TicksPerMicrosecond);

    private AppendResult Result(AppendOutcome outcome, Place place, DateTimeOffset timestamp) =>
        new(outcome, new(place.Version), new(_log.Partition, new(place.Position)), timestamp);
}
