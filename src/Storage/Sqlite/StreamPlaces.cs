using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Where the events of a partition's streams stand: the index in the file and the tail in memory together, brought up
/// to
/// the log's end whenever somebody looks.
/// </summary>
internal sealed class StreamPlaces(LogTable log, int tailMax)
{
    private const int CatchUpRows = 10_000;

    private readonly Lock _catchingUp = new();

    public PartitionTail Tail { get; } = new();

    /// <summary>
    /// Accounts for everything that the connection sees of the log, also what other processes appended.
    /// </summary>
    public void CatchUp(SqliteConnection connection)
    {
        var last = log.LastPosition(connection);
        if (Tail.LastPosition >= last) return;
        lock (_catchingUp)
        {
            if (Tail.LastPosition < 0) Tail.StartAt(Indexed(connection));
            while (Tail.LastPosition < last) AddRows(connection, last);

            // A process that only reads never writes the index: it forgets what another one has written there.
            if (Tail.Count >= tailMax) Tail.DropThrough(Indexed(connection));
        }
    }

    /// <summary>Forgets everything, so that the next look starts from what the file says.</summary>
    public void Reset()
    {
        lock (_catchingUp) Tail.StartAt(-1);
    }

    /// <summary>The stream's end; version 0 with the position of its clearing, or 0, where it holds nothing.</summary>
    /// <remarks>A reader names the last position that it sees: a commit after that may be in the tail
    /// already.</remarks>
    public Place Head(SqliteConnection connection, long stream, long seen)
    {
        if (Tail.Last(stream, seen) is { } recent) return recent;
        using var command = SqliteDatabase.Command(
            connection,
            "SELECT version, position FROM stream_index WHERE stream = $stream ORDER BY version DESC LIMIT 1",
            ("$stream", stream));
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new Place(reader.GetInt64(0), reader.GetInt64(1))
            : new Place(0, Cleared(connection, stream));
    }

    /// <summary>Where the stream was cleared last, or 0.</summary>
    public static long Cleared(SqliteConnection connection, long stream) =>
        SqliteDatabase.Scalar(connection, "SELECT cleared FROM streams WHERE id = $stream", ("$stream", stream));

    /// <summary>The positions of the events behind a version, in order, at most so many.</summary>
    public List<Place> Behind(SqliteConnection connection, long stream, long version, int limit)
    {
        // The tail first: what moves from it into the index meanwhile is then found twice, never not at all. Nothing
        // behind what the connection sees may be taken.
        var recent = Tail.Behind(stream, version, limit);
        var seen = log.LastPosition(connection);
        var places = new List<Place>();
        if (recent.Length == 0 || recent[0].Version > version + 1)
        {
            using var command = SqliteDatabase.Command(
                connection,
                "SELECT version, position FROM stream_index WHERE stream = $stream AND version > $version "
                + "ORDER BY version LIMIT $limit",
                ("$stream", stream), ("$version", version), ("$limit", limit));
            using var reader = command.ExecuteReader();
            while (reader.Read()) places.Add(new Place(reader.GetInt64(0), reader.GetInt64(1)));
        }

        var last = places.Count == 0 ? version : places[^1].Version;
        foreach (var place in recent)
        {
            if (place.Version != last + 1 || place.Position > seen || places.Count == limit) continue;
            places.Add(place);
            last = place.Version;
        }

        return places;
    }

    /// <summary>Writes the tail into the index; inside the caller's transaction, which holds the write lock.</summary>
    public long Flush(SqliteConnection connection)
    {
        var indexed = Indexed(connection);
        using var insert = connection.CreateCommand();
        insert.CommandText =
            "INSERT OR IGNORE INTO stream_index (stream, version, position) VALUES ($stream, $version, $position)";
        var (stream, version, position) = (
            insert.Parameters.Add("$stream", SqliteType.Integer),
            insert.Parameters.Add("$version", SqliteType.Integer),
            insert.Parameters.Add("$position", SqliteType.Integer));
        insert.Prepare();
        foreach (var (id, place) in Tail.Sorted())
        {
            if (place.Position <= indexed) continue;
            (stream.Value, version.Value, position.Value) = (id, place.Version, place.Position);
            insert.ExecuteNonQuery();
        }

        var last = Tail.LastPosition;
        using var update = SqliteDatabase.Command(
            connection, "UPDATE indexed SET position = $position WHERE partition = $partition",
            ("$position", last), ("$partition", log.Partition.Value));
        update.ExecuteNonQuery();
        return last;
    }

    private long Indexed(SqliteConnection connection) => SqliteDatabase.Scalar(
        connection, "SELECT position FROM indexed WHERE partition = $partition", ("$partition", log.Partition.Value));

    private void AddRows(SqliteConnection connection, long last)
    {
        var before = Tail.LastPosition;
        using var command = SqliteDatabase.Command(
            connection,
            $"SELECT l.position, l.stream, l.version, t.name = $tombstone "
            + $"FROM {log.Name} l JOIN types t ON t.id = l.type "
            + "WHERE l.position > $after ORDER BY l.position LIMIT $limit",
            ("$after", before), ("$limit", CatchUpRows), ("$tombstone", EventTypes.Tombstone));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (reader.GetInt64(3) != 0) Tail.Skip(reader.GetInt64(0));
            else Tail.Add(reader.GetInt64(1), new Place(reader.GetInt64(2), reader.GetInt64(0)));
        }

        if (before < last && Tail.LastPosition == before) throw log.Missing(before + 1);
    }
}
