namespace Granary.Storage.Sqlite;

/// <summary>
/// Walks over rows of the log, one seek at the start and one at each jump. Only what is asked for of a row is decoded.
/// Disposing lets go of the statement, so there is one cursor of a kind at a time.
/// </summary>
internal readonly ref struct LogCursor
{
    private readonly Statement _statement;

    public LogCursor(Statement statement, long position)
    {
        _statement = statement;
        Jump(position);
    }

    public long Position => _statement.Int64(0);

    public long Stream => _statement.Int64(1);

    public long Version => _statement.Int64(2);

    /// <summary>Where the stream's previous event stands; 0 for its first.</summary>
    public long Prev => _statement.Int64(3);

    public long Type => _statement.Int64(4);

    public long Timestamp => _statement.Int64(5);

    public Guid AppendId => GuidAt(7);

    public ReadOnlySpan<byte> Metadata => _statement.Blob(9);

    public ReadOnlySpan<byte> Payload => _statement.Blob(10);

    public LogRow Row => new()
    {
        Position = Position,
        Stream = Stream,
        Version = Version,
        Type = Type,
        Timestamp = Timestamp,
        Id = GuidAt(6),
        AppendId = AppendId,
    };

    /// <summary>What the row's checksum was when it was written.</summary>
    public long Checksum => _statement.Int64(8);

    /// <summary>Goes on from another position; the next step stands on the row there.</summary>
    public void Jump(long position)
    {
        _statement.Reset();
        _statement.Bind(1, position);
    }

    public bool Step() => _statement.Step();

    public void Dispose() => _statement.Reset();

    private Guid GuidAt(int column)
    {
        var bytes = _statement.Blob(column);
        return bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : Guid.Empty;
    }
}
