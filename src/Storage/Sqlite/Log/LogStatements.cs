using System.Globalization;

namespace Granary.Storage.Sqlite;

/// <summary>The table of one partition of the log: its rows are added at the end and read in both directions.</summary>
internal sealed class LogStatements
{
    private const string Columns =
        "position, stream, version, prev, type, timestamp, id, append_id, checksum, metadata, payload";

    private readonly Lazy<Statement> _last;
    private readonly Lazy<Statement> _insert;
    private readonly Lazy<Statement> _scrub;
    private readonly Lazy<Statement> _forward;
    private readonly Lazy<Statement> _backward;
    private readonly Lazy<Statement> _addresses;
    private readonly Lazy<Statement> _sizes;

    public LogStatements(SqliteSession session, LogPartition partition)
    {
        var table = "log_" + partition.Value.ToString(CultureInfo.InvariantCulture);
        Partition = partition;
        _last = session.PrepareLazily($"SELECT max(position) FROM {table}");
        _insert = session.PrepareLazily(
            $"INSERT INTO {table} ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
        _scrub = session.PrepareLazily(
            $"UPDATE {table} SET type = ?2, metadata = NULL, payload = x'', checksum = ?3 WHERE position = ?1");
        _forward = session.PrepareLazily($"SELECT {Columns} FROM {table} WHERE position > ?1 ORDER BY position");
        _backward = session.PrepareLazily(
            $"SELECT {Columns} FROM {table} WHERE position <= ?1 ORDER BY position DESC");
        _addresses = session.PrepareLazily(
            $"SELECT position, stream, version FROM {table} WHERE position > ?1 ORDER BY position LIMIT ?2");
        _sizes = session.PrepareLazily(
            $"SELECT prev, stream, version, ifnull(length(metadata), 0) + length(payload) FROM {table} "
            + "WHERE position = ?1");
    }

    public LogPartition Partition { get; }

    public long LastPosition() => _last.Value.Scalar() ?? 0;

    public void Insert(in LogRow row, long checksum, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        var insert = _insert.Value.Bind(1, row.Position).Bind(2, row.Stream).Bind(3, row.Version).Bind(4, row.Prev)
            .Bind(5, row.Type).Bind(6, row.Timestamp).Bind(7, row.Id).Bind(9, checksum).Bind(11, payload);
        if (row.AppendId == row.Id) insert.BindNull(8);
        else insert.Bind(8, row.AppendId);
        if (metadata.IsEmpty) insert.BindNull(10);
        else insert.Bind(10, metadata);
        insert.Execute();
    }

    /// <summary>Makes a tombstone of a row: its type becomes this row's, its content nothing.</summary>
    public void Scrub(in LogRow tombstone, long checksum) =>
        _scrub.Value.Bind(1, tombstone.Position).Bind(2, tombstone.Type).Bind(3, checksum).Execute();

    /// <summary>The row at a position, or null.</summary>
    public LogRow? RowAt(long position)
    {
        using var cursor = Backward(position);
        return cursor.Step() && cursor.Position == position ? cursor.Row : null;
    }

    /// <summary>A cursor on the rows after a position, oldest first.</summary>
    public LogCursor Forward(long after) => new(_forward.Value, after);

    /// <summary>A cursor on the rows up to a position, newest first.</summary>
    public LogCursor Backward(long from) => new(_backward.Value, from);

    /// <summary>Calls back for each row after a position: the number of its stream and its address.</summary>
    public void VisitAddresses(long after, int limit, Action<long, EventAddress> visit)
    {
        var statement = _addresses.Value.Bind(1, after).Bind(2, limit);
        try
        {
            while (statement.Step())
                visit(statement.Int64(1), new EventAddress(statement.Int64(2), statement.Int64(0)));
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>
    /// The size in bytes of the event at an address, and the position of its stream's previous event, without reading
    /// its content; null where no event of that stream and version is there.
    /// </summary>
    public (long Prev, long Size)? SizeAt(long stream, EventAddress address)
    {
        var statement = _sizes.Value.Bind(1, address.Position);
        try
        {
            return statement.Step() && statement.Int64(1) == stream && statement.Int64(2) == address.Version
                ? (statement.Int64(0), statement.Int64(3))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }
}
