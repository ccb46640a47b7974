namespace Granary.Storage.Sqlite;

/// <summary>Snapshots in the file that the events are in.</summary>
public sealed class SqliteSnapshotStore(SqliteEventStore store) : ISnapshotStore
{
    /// <inheritdoc />
    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken) =>
        await store.WriteAsync(
            connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                var stream = store.Names.FindStream(connection, snapshot.Stream)
                    ?? store.Names.AddStream(connection, snapshot.Stream);
                using var command = SqliteDatabase.Command(
                    connection,
                    "INSERT OR REPLACE INTO snapshots "
                    + "(stream, version, position, timestamp, fingerprint, checksum, payload) "
                    + "VALUES ($stream, $version, $position, $timestamp, $fingerprint, $checksum, $payload); "
                    + "DELETE FROM snapshots WHERE stream = $stream AND version NOT IN "
                    + "(SELECT version FROM snapshots WHERE stream = $stream ORDER BY version DESC LIMIT $kept)",
                    ("$stream", stream), ("$version", snapshot.Version.Value),
                    ("$position", snapshot.Position.Position.Value), ("$timestamp", Microseconds(snapshot.Timestamp)),
                    ("$fingerprint", snapshot.Fingerprint), ("$checksum", unchecked((long)snapshot.Checksum)),
                    ("$payload", snapshot.Payload.ToArray()), ("$kept", ISnapshotStore.KeptMax));
                command.ExecuteNonQuery();
                transaction.Commit();
            },
            cancellationToken);

    /// <inheritdoc />
    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        var bound = notAfter is null ? long.MaxValue : Microseconds(notAfter.Value);
        return await Task.Run(() => Read(stream, atMost, bound), cancellationToken);
    }

    private Snapshot? Read(StreamName stream, StreamVersion atMost, long notAfter) => store.Database.Read(connection =>
    {
        if (store.Names.FindStream(connection, stream) is not { } id) return null;
        using var command = SqliteDatabase.Command(
            connection,
            "SELECT version, position, timestamp, fingerprint, checksum, payload FROM snapshots "
            + "WHERE stream = $stream AND version <= $atMost AND timestamp <= $notAfter ORDER BY version DESC LIMIT 1",
            ("$stream", id), ("$atMost", atMost.Value), ("$notAfter", notAfter));
        using var reader = command.ExecuteReader();
        return !reader.Read() ? null : new Snapshot
        {
            Stream = stream,
            Version = new(reader.GetInt64(0)),
            Position = new(LogPartition.Of(stream, store.PartitionCount), new(reader.GetInt64(1))),
            Timestamp = DateTimeOffset.UnixEpoch.AddTicks(reader.GetInt64(2) * TimeSpan.TicksPerMicrosecond),
            Fingerprint = reader.GetString(3),
            Checksum = unchecked((ulong)reader.GetInt64(4)),
            Payload = reader.GetFieldValue<byte[]>(5),
        };
    });

    private static long Microseconds(DateTimeOffset instant) =>
        (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
