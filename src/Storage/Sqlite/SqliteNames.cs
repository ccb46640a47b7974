using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>An event type as the log refers to it.</summary>
internal readonly record struct StoredType(string Name, int SchemaVersion, string ContentType);

/// <summary>
/// The numbers that streams and types have in the log. A number never changes once it is committed, so what is found
/// may be
/// kept; what a transaction makes is kept only after its commit.
/// </summary>
internal sealed class SqliteNames
{
    private const int StreamsKeptMax = 200_000;

    private readonly ConcurrentDictionary<StreamName, long> _streams = new();
    private readonly ConcurrentDictionary<StoredType, long> _types = new();

    public long? FindStream(SqliteConnection connection, StreamName stream)
    {
        if (_streams.TryGetValue(stream, out var known)) return known;
        using var command = SqliteDatabase.Command(
            connection, "SELECT id FROM streams WHERE category = $category AND key = $key",
            ("$category", stream.Category), ("$key", stream.Key));
        return command.ExecuteScalar() is long found ? found : null;
    }

    public long AddStream(SqliteConnection connection, StreamName stream)
    {
        using var command = SqliteDatabase.Command(
            connection, "INSERT INTO streams (category, key) VALUES ($category, $key) RETURNING id",
            ("$category", stream.Category), ("$key", stream.Key));
        return (long)command.ExecuteScalar()!;
    }

    public long FindOrAddType(SqliteConnection connection, StoredType type)
    {
        if (_types.TryGetValue(type, out var known)) return known;
        using var command = SqliteDatabase.Command(
            connection,
            "INSERT INTO types (name, schema_version, content_type) VALUES ($name, $schema, $content) "
            + "ON CONFLICT DO UPDATE SET name = name RETURNING id",
            ("$name", type.Name), ("$schema", type.SchemaVersion), ("$content", type.ContentType));
        return (long)command.ExecuteScalar()!;
    }

    public void Keep(StreamName stream, long id)
    {
        // Starting over is cheap: each stream costs one look-up when it is used next.
        if (_streams.Count >= StreamsKeptMax) _streams.Clear();
        _streams[stream] = id;
    }

    public void Keep(StoredType type, long id) => _types[type] = id;
}
