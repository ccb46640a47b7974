namespace Granary.Storage.Sqlite;

/// <summary>The tables that give streams and event types their numbers.</summary>
internal sealed class NameStatements(SqliteSession session)
{
    private readonly Lazy<Statement> _findStream =
        session.Later("SELECT id FROM streams WHERE category = ?1 AND key = ?2");

    private readonly Lazy<Statement> _addStream =
        session.Later("INSERT INTO streams (category, key) VALUES (?1, ?2) RETURNING id");

    private readonly Lazy<Statement> _streamOf = session.Later("SELECT category, key FROM streams WHERE id = ?1");

    private readonly Lazy<Statement> _addType = session.Later(
        "INSERT INTO types (name, schema_version, content_type) VALUES (?1, ?2, ?3) "
        + "ON CONFLICT DO UPDATE SET name = name RETURNING id");

    private readonly Lazy<Statement> _typeOf =
        session.Later("SELECT name, schema_version, content_type FROM types WHERE id = ?1");

    private readonly Lazy<Statement> _cleared = session.Later("SELECT cleared FROM streams WHERE id = ?1");

    private readonly Lazy<Statement> _clear = session.Later("UPDATE streams SET cleared = ?1 WHERE id = ?2");

    public long? FindStream(StreamName stream) =>
        _findStream.Value.BindText(1, stream.Category).BindText(2, stream.Key).Scalar();

    public long AddStream(StreamName stream) =>
        _addStream.Value.BindText(1, stream.Category).BindText(2, stream.Key).Scalar()!.Value;

    public StreamName? StreamOf(long id)
    {
        var statement = _streamOf.Value.Bind(1, id);
        try
        {
            return statement.Step() ? new StreamName(statement.Text(0), statement.Text(1)) : null;
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

    /// <summary>Where the stream was cleared last, or 0.</summary>
    public long Cleared(long stream) => _cleared.Value.Bind(1, stream).Scalar() ?? 0;

    public void Clear(long stream, long position) => _clear.Value.Bind(1, position).Bind(2, stream).Execute();
}
