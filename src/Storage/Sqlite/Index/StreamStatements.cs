namespace Granary.Storage.Sqlite;

/// <summary>
/// The tables that give streams and event types their numbers, and that of the streams' snapshots.
/// </summary>
internal sealed class StreamStatements(SqliteSession session)
{
    private readonly SqliteSession _session = session;

    // The index finds the number; the row of that number has to be the same name.
    private readonly Lazy<Statement> _findStream = session.PrepareLazily(
        "SELECT f.id, s.category, s.key FROM streams AS f LEFT JOIN streams AS s ON s.id = f.id "
        + "WHERE f.category = ?1 AND f.key = ?2");

    private readonly Lazy<Statement> _addStream =
        session.PrepareLazily("INSERT INTO streams (category, key) VALUES (?1, ?2) RETURNING id");

    private readonly Lazy<Statement> _streamOf =
        session.PrepareLazily("SELECT category, key FROM streams WHERE id = ?1");

    private readonly Lazy<Statement> _addType = session.PrepareLazily(
        "INSERT INTO types (name, schema_version, content_type) VALUES (?1, ?2, ?3) "
        + "ON CONFLICT DO UPDATE SET name = name RETURNING id");

    private readonly Lazy<Statement> _typeOf =
        session.PrepareLazily("SELECT name, schema_version, content_type FROM types WHERE id = ?1");

    private readonly Lazy<Statement> _setSnapshot = session.PrepareLazily(
        "INSERT OR REPLACE INTO snapshots (stream, version, position, timestamp, fingerprint, checksum, payload) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

    private readonly Lazy<Statement> _pruneSnapshots = session.PrepareLazily(
        "DELETE FROM snapshots WHERE stream = ?1 AND version IS NOT ?3 AND version <= "
        + "(SELECT version FROM snapshots WHERE stream = ?1 ORDER BY version DESC LIMIT 1 OFFSET ?2)");

    private readonly Lazy<Statement> _hasSnapshot =
        session.PrepareLazily("SELECT 1 FROM snapshots WHERE stream = ?1 AND version = ?2");

    private readonly Lazy<Statement> _dropSnapshots =
        session.PrepareLazily("DELETE FROM snapshots WHERE stream = ?1 AND version < ?2");

    private readonly Lazy<Statement> _readSnapshot = session.PrepareLazily(
        "SELECT version, position, timestamp, fingerprint, checksum, payload FROM snapshots "
        + "WHERE stream = ?1 AND version <= ?2 AND timestamp <= ?3 ORDER BY version DESC LIMIT 1");

    /// <summary>The number of a stream; null where there is no such stream.</summary>
    public long? FindStream(StreamName stream)
    {
        var statement = _findStream.Value.BindText(1, stream.Category).BindText(2, stream.Key);
        try
        {
            if (!statement.Step()) return null;
            if (statement.Text(1) == stream.Category && statement.Text(2) == stream.Key) return statement.Int64(0);
            throw _session.Corrupt($"the name of stream {stream} and the index of names contradict each other");
        }
        finally
        {
            statement.Reset();
        }
    }

    public long AddStream(StreamName stream) =>
        _addStream.Value.BindText(1, stream.Category).BindText(2, stream.Key).Scalar()!.Value;

    /// <summary>The stream of a number; null where there is none, or none that a stream can be named.</summary>
    public StreamName? StreamOf(long id)
    {
        var statement = _streamOf.Value.Bind(1, id);
        try
        {
            return statement.Step() ? new StreamName(statement.Text(0), statement.Text(1)) : null;
        }
        catch (Exception fault) when (fault is ArgumentException or LimitExceededException)
        {
            throw _session.Corrupt($"the name of stream number {id} is not valid");
        }
        finally
        {
            statement.Reset();
        }
    }

    public long FindOrAddType(StoredType type) => _addType.Value
        .BindText(1, type.Name).Bind(2, type.SchemaVersion).BindText(3, type.ContentType).Scalar()!.Value;

    public StoredType? TypeOf(long id)
    {
        var statement = _typeOf.Value.Bind(1, id);
        try
        {
            return statement.Step()
                ? new StoredType(statement.Text(0), (int)statement.Int64(1), statement.Text(2))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Writes a snapshot, in the place of one of that version.</summary>
    public void SetSnapshot(long stream, Snapshot snapshot) =>
        _setSnapshot.Value.Bind(1, stream).Bind(2, snapshot.Version.Value).Bind(3, snapshot.Position.Position.Value)
            .Bind(4, LogRow.Microseconds(snapshot.Timestamp)).BindText(5, snapshot.Fingerprint)
            .Bind(6, unchecked((long)snapshot.Checksum)).Bind(7, snapshot.Payload.Span).Execute();

    /// <summary>Whether there is a snapshot of a version.</summary>
    public bool HasSnapshot(long stream, long version) =>
        _hasSnapshot.Value.Bind(1, stream).Bind(2, version).Scalar() is not null;

    /// <summary>Drops the oldest snapshots, but not that at which a truncated stream begins.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="first">The version of the first event that stays, where the stream was truncated.</param>
    public void PruneSnapshots(long stream, long? first)
    {
        var statement = _pruneSnapshots.Value.Bind(1, stream).Bind(2, ISnapshotStore.KeptMax);
        (first is { } version ? statement.Bind(3, version) : statement.BindNull(3)).Execute();
    }

    /// <summary>Drops the stream's snapshots of versions before one.</summary>
    public void DropSnapshots(long stream, long before) =>
        _dropSnapshots.Value.Bind(1, stream).Bind(2, before).Execute();

    public Snapshot? ReadSnapshot(StreamNumber stream, LogPartition partition, long atMost, long notAfter)
    {
        var statement = _readSnapshot.Value.Bind(1, stream.Id).Bind(2, atMost).Bind(3, notAfter);
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
