using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>Reads a partition's table of the log.</summary>
internal sealed class LogTable(LogPartition partition, string path)
{
    private const string Columns =
        "l.position, l.version, l.id, l.append_id, l.timestamp, l.checksum, l.metadata, l.payload, "
        + "t.name, t.schema_version, t.content_type, CAST(s.category AS BLOB), CAST(s.key AS BLOB)";

    public string Name { get; } = "log_" + partition.Value.ToString(CultureInfo.InvariantCulture);

    public LogPartition Partition => partition;

    public long LastPosition(SqliteConnection connection) =>
        SqliteDatabase.Scalar(connection, $"SELECT max(position) FROM {Name}");

    /// <summary>The rows behind a position, in order.</summary>
    public List<RecordedEvent> Behind(SqliteConnection connection, long position, int limit)
    {
        using var command = SqliteDatabase.Command(
            connection,
            $"SELECT {Columns} FROM {Name} l JOIN streams s ON s.id = l.stream JOIN types t ON t.id = l.type "
            + "WHERE l.position > $after ORDER BY l.position LIMIT $limit",
            ("$after", position), ("$limit", limit));
        using var reader = command.ExecuteReader();
        var rows = new List<RecordedEvent>();
        while (reader.Read()) rows.Add(Read(reader));
        return rows;
    }

    /// <summary>The rows at positions, in the order of these.</summary>
    public List<RecordedEvent> At(SqliteConnection connection, IEnumerable<long> positions)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {Columns} FROM {Name} l JOIN streams s ON s.id = l.stream JOIN types t ON t.id = l.type "
            + "WHERE l.position = $position";
        var parameter = command.Parameters.Add("$position", SqliteType.Integer);
        var rows = new List<RecordedEvent>();
        foreach (var position in positions)
        {
            parameter.Value = position;
            using var reader = command.ExecuteReader();
            if (!reader.Read())
                throw new StoreCorruptException(
                    $"{path}: position {position} of partition {partition} is missing. Restore it from a backup.");
            rows.Add(Read(reader));
        }

        return rows;
    }

    /// <summary>The checksum of a row, so that a damaged one is noticed and not taken for an event.</summary>
    public static long Checksum(long version, Guid id, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        var hash = new XxHash64();
        Span<byte> head = stackalloc byte[sizeof(long) + 16];
        BinaryPrimitives.WriteInt64LittleEndian(head, version);
        id.TryWriteBytes(head[sizeof(long)..]);
        hash.Append(head);
        hash.Append(metadata);
        hash.Append(payload);
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }

    private RecordedEvent Read(SqliteDataReader reader)
    {
        var (version, id) = (reader.GetInt64(1), new Guid(reader.GetFieldValue<byte[]>(2)));
        var (metadata, payload) = (reader.GetFieldValue<byte[]>(6), reader.GetFieldValue<byte[]>(7));
        if (Checksum(version, id, metadata, payload) != reader.GetInt64(5))
            throw new StoreCorruptException(
                $"{path}: the event at position {reader.GetInt64(0)} of partition {partition} is damaged, its checksum does "
                + "not match. Restore it from a backup.");
        return new RecordedEvent
        {
            Stream = new StreamName(
                Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(11)),
                Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(12))),
            Version = new(version),
            Position = new(partition, new(reader.GetInt64(0))),
            Id = id,
            AppendId = new(new Guid(reader.GetFieldValue<byte[]>(3))),
            Type = reader.GetString(8),
            SchemaVersion = reader.GetInt32(9),
            Timestamp = DateTimeOffset.UnixEpoch.AddTicks(reader.GetInt64(4) * TimeSpan.TicksPerMicrosecond),
            ContentType = reader.GetString(10),
            Payload = payload,
            Metadata = EventMetadata.FromUtf8(metadata),
        };
    }
}
