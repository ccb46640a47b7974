namespace Granary.Storage.Sqlite;

/// <summary>
/// Walks over rows of the log: one seek at the start and one at each jump. Only the columns that are used are decoded,
/// each time that they are used. Disposing releases the statement, so only one cursor of a kind exists at a time.
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

    /// <summary>The position of the stream's previous event; 0 for its first.</summary>
    public long Prev => _statement.Int64(3);

    /// <summary>The row's content; valid until the next step.</summary>
    public LogContent Content => new(_statement.Blob(9), _statement.Blob(10));

    public LogRow Row
    {
        get
        {
            var id = GuidAt(6, orNull: Guid.Empty);
            return new LogRow
            {
                Position = Position,
                Stream = Stream,
                Version = Version,
                Prev = Prev,
                Type = _statement.Int64(4),
                Timestamp = _statement.Int64(5),
                Id = id,
                AppendId = GuidAt(7, orNull: id),
            };
        }
    }

    /// <summary>The checksum that the row was written with.</summary>
    public long Checksum => _statement.Int64(8);

    /// <summary>Continues from another position; the next step is on the row there.</summary>
    public void Jump(long position)
    {
        _statement.Reset();
        _statement.Bind(1, position);
    }

    public bool Step() => _statement.Step();

    public void Dispose() => _statement.Reset();

    // What is damaged is read as an empty one, which does not match the checksum.
    private Guid GuidAt(int column, Guid orNull)
    {
        var bytes = _statement.Blob(column);
        return bytes.Length switch
        {
            16 => new Guid(bytes, bigEndian: true),
            0 => orNull,
            _ => Guid.Empty,
        };
    }
}

/// <summary>The metadata and the payload of a row, as stored.</summary>
internal readonly ref struct LogContent(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
{
    public ReadOnlySpan<byte> Metadata { get; } = metadata;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>How metadata is stored: without any pairs, which most events have, as nothing.</summary>
    public static ReadOnlySpan<byte> Stored(EventMetadata metadata) =>
        metadata.Utf8.Length <= "{}".Length ? [] : metadata.Utf8.Span;

    public EventMetadata ReadMetadata() =>
        Metadata.IsEmpty ? EventMetadata.Empty : EventMetadata.FromUtf8(Metadata.ToArray());
}
