using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>What a row's checksum covers besides metadata and payload.</summary>
internal readonly record struct LogRow(
    long Position, long Stream, long Version, long Type, long Timestamp, Guid Id, Guid AppendId);

/// <summary>Some events, and whether there may be more behind them.</summary>
internal readonly record struct LogPage(List<RecordedEvent> Events, bool More);

/// <summary>Reads a partition's table of the log.</summary>
internal sealed class LogTable(LogPartition partition, string path)
{
    private const string Columns =
        "l.position, l.version, l.id, l.append_id, l.timestamp, l.checksum, l.metadata, l.payload, "
        + "CAST(t.name AS BLOB), t.schema_version, CAST(t.content_type AS BLOB), "
        + "CAST(s.category AS BLOB), CAST(s.key AS BLOB), "
        + "l.stream, l.type";

    // Events may be a mebibyte each: a page ends early rather than take hundreds of them into memory.
    private const int PageBytesMax = 4 * 1024 * 1024;

    public string Name { get; } = "log_" + partition.Value.ToString(CultureInfo.InvariantCulture);

    public LogPartition Partition => partition;

    public long LastPosition(SqliteConnection connection) =>
        SqliteDatabase.Scalar(connection, $"SELECT max(position) FROM {Name}");

    public DateTimeOffset TimestampAt(SqliteConnection connection, long position) => DateTimeOffset.UnixEpoch.AddTicks(
        SqliteDatabase.Scalar(
            connection, $"SELECT timestamp FROM {Name} WHERE position = $position", ("$position", position))
        * TimeSpan.TicksPerMicrosecond);

    public StoreCorruptException Missing(long position) => new(
        $"{path}: position {position} of partition {partition} is missing. Restore it from a backup.");

    /// <summary>The rows behind a position, in order.</summary>
    public LogPage Behind(SqliteConnection connection, long position, int limit)
    {
        using var command = SqliteDatabase.Command(
            connection,
            $"SELECT {Columns} FROM {Name} l JOIN streams s ON s.id = l.stream JOIN types t ON t.id = l.type "
            + "WHERE l.position > $after ORDER BY l.position LIMIT $limit",
            ("$after", position), ("$limit", limit));
        using var reader = command.ExecuteReader();
        var rows = new List<RecordedEvent>();
        var bytes = 0L;
        while (bytes < PageBytesMax && reader.Read())
        {
            var recorded = Read(reader);
            if (recorded.Position.Position.Value != position + rows.Count + 1) throw Missing(position + rows.Count + 1);
            bytes += recorded.Payload.Length;
            rows.Add(recorded);
        }

        return new LogPage(rows, rows.Count == limit || bytes >= PageBytesMax);
    }

    /// <summary>The rows at places, in the order of these.</summary>
    public LogPage At(SqliteConnection connection, List<Place> places)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {Columns} FROM {Name} l JOIN streams s ON s.id = l.stream JOIN types t ON t.id = l.type "
            + "WHERE l.position = $position";
        var parameter = command.Parameters.Add("$position", SqliteType.Integer);
        var rows = new List<RecordedEvent>();
        var bytes = 0L;
        foreach (var place in places)
        {
            if (bytes >= PageBytesMax) return new LogPage(rows, More: true);
            parameter.Value = place.Position;
            using var reader = command.ExecuteReader();
            if (!reader.Read()) throw Missing(place.Position);
            var recorded = Read(reader);
            if (recorded.Version.Value != place.Version || recorded.IsTombstone)
                throw new StoreCorruptException(
                    $"{path}: the index expects version {place.Version} at position {place.Position} of partition "
                    + $"{partition}, where another event stands. Restore it from a backup.");
            bytes += recorded.Payload.Length;
            rows.Add(recorded);
        }

        return new LogPage(rows, More: false);
    }

    /// <summary>The checksum of a row, so that a damaged one is noticed and not taken for an event.</summary>
    public static long Checksum(in LogRow row, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        var hash = new XxHash64();
        Span<byte> head = stackalloc byte[6 * sizeof(long) + 2 * 16];
        ReadOnlySpan<long> numbers = [row.Position, row.Stream, row.Version, row.Type, row.Timestamp, metadata.Length];
        for (var at = 0; at < numbers.Length; at++)
            BinaryPrimitives.WriteInt64LittleEndian(head[(at * sizeof(long))..], numbers[at]);
        row.Id.TryWriteBytes(head[^32..^16], bigEndian: true, out _);
        row.AppendId.TryWriteBytes(head[^16..], bigEndian: true, out _);
        hash.Append(head);
        hash.Append(metadata);
        hash.Append(payload);
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }

    private RecordedEvent Read(SqliteDataReader reader)
    {
        var row = new LogRow(
            reader.GetInt64(0), reader.GetInt64(13), reader.GetInt64(1), reader.GetInt64(14), reader.GetInt64(4),
            GuidAt(reader, 2), GuidAt(reader, 3));
        var (metadata, payload) = (reader.GetFieldValue<byte[]>(6), reader.GetFieldValue<byte[]>(7));
        if (Checksum(row, metadata, payload) != reader.GetInt64(5))
            throw new StoreCorruptException(
                $"{path}: the event at position {row.Position} of partition {partition} is damaged, its checksum does "
                + "not match. Restore it from a backup.");
        return new RecordedEvent
        {
            Stream = new StreamName(
                TextAt(reader, 11), TextAt(reader, 12)),
            Version = new(row.Version),
            Position = new(partition, new(row.Position)),
            Id = row.Id,
            AppendId = new(row.AppendId),
            Type = TextAt(reader, 8),
            SchemaVersion = reader.GetInt32(9),
            Timestamp = DateTimeOffset.UnixEpoch.AddTicks(row.Timestamp * TimeSpan.TicksPerMicrosecond),
            ContentType = TextAt(reader, 10),
            Payload = payload,
            Metadata = EventMetadata.FromUtf8(metadata),
        };
    }

    private Guid GuidAt(SqliteDataReader reader, int column)
    {
        var bytes = reader.GetFieldValue<byte[]>(column);
        return bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : throw Missing(reader.GetInt64(0));
    }

    // SQLite's own text ends for the driver at the first NUL; its bytes do not.
    private static string TextAt(SqliteDataReader reader, int column) =>
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(column));
}
