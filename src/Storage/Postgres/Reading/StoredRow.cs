using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>An event as the log has it: the columns that every read returns in this order.</summary>
internal sealed record StoredRow(
    long Position, long Version, long Stream, int Type, DateTimeOffset Recorded, Guid Id, Guid AppendId,
    byte[]? Metadata, byte[] Payload)
{
    private const int Columns = 9;

    /// <summary>The column after those of the event.</summary>
    public static int After(int first) => first + Columns;

    /// <summary>Reads an event; null where the row has none.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">The first column of the event.</param>
    public static StoredRow? Read(NpgsqlDataReader row, int first)
    {
        if (row.IsDBNull(first)) return null;
        var id = row.GetGuid(first + 5);
        return new StoredRow(
            row.GetInt64(first), row.GetInt64(first + 1), row.GetInt64(first + 2), row.GetInt32(first + 3),
            row.GetFieldValue<DateTimeOffset>(first + 4), id,
            row.IsDBNull(first + 6) ? id : row.GetGuid(first + 6),
            row.IsDBNull(first + 7) ? null : row.GetFieldValue<byte[]>(first + 7),
            row.GetFieldValue<byte[]>(first + 8));
    }

    public RecordedEvent ToRecorded(StreamName stream, LogPartition partition, StoredType type) => new()
    {
        Stream = stream,
        Version = new(Version),
        Position = new(partition, new(Position)),
        Id = Id,
        AppendId = new(AppendId),
        Type = type.Name,
        SchemaVersion = type.SchemaVersion,
        Timestamp = Recorded,
        ContentType = type.ContentType,
        Payload = Payload,
        Metadata = EventMetadata.FromUtf8(Metadata),
    };
}
