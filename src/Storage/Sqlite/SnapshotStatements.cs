namespace Granary.Storage.Sqlite;

/// <summary>The table of snapshots.</summary>
internal sealed class SnapshotStatements(SqliteSession session)
{
    private readonly Lazy<Statement> _write = session.Later(
        "INSERT OR REPLACE INTO snapshots (stream, version, position, timestamp, fingerprint, checksum, payload) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

    private readonly Lazy<Statement> _prune = session.Later(
        "DELETE FROM snapshots WHERE stream = ?1 AND version <= "
        + "(SELECT version FROM snapshots WHERE stream = ?1 ORDER BY version DESC LIMIT 1 OFFSET ?2)");

    private readonly Lazy<Statement> _read = session.Later(
        "SELECT version, position, timestamp, fingerprint, checksum, payload FROM snapshots "
        + "WHERE stream = ?1 AND version <= ?2 AND timestamp <= ?3 ORDER BY version DESC LIMIT 1");

    public void Write(long stream, Snapshot snapshot)
    {
        _write.Value.Bind(1, stream).Bind(2, snapshot.Version.Value).Bind(3, snapshot.Position.Position.Value)
            .Bind(4, LogRow.Microseconds(snapshot.Timestamp)).BindText(5, snapshot.Fingerprint)
            .Bind(6, unchecked((long)snapshot.Checksum)).Bind(7, snapshot.Payload.Span).Execute();
        _prune.Value.Bind(1, stream).Bind(2, ISnapshotStore.KeptMax).Execute();
    }

    public Snapshot? Read(StreamNumber stream, LogPartition partition, long atMost, long notAfter)
    {
        var statement = _read.Value.Bind(1, stream.Id).Bind(2, atMost).Bind(3, notAfter);
        try
        {
            return !statement.Step() ? null : new Snapshot
            {
                Stream = stream.Name,
                Version = new(statement.Int64(0)),
                Position = new(partition, new(statement.Int64(1))),
                Timestamp = LogRow.Instant(statement.Int64(2)),
                Fingerprint = statement.Text(3),
                Checksum = unchecked((ulong)statement.Int64(4)),
                Payload = statement.Blob(5).ToArray(),
            };
        }
        finally
        {
            statement.Reset();
        }
    }
}
