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
    private readonly Lazy<Statement> _places;
    private readonly Lazy<Statement> _sizes;

    public LogStatements(SqliteSession session, LogPartition partition)
    {
        var table = "log_" + partition.Value.ToString(CultureInfo.InvariantCulture);
        Partition = partition;
        _last = session.Later($"SELECT max(position) FROM {table}");
        _insert = session.Later(
            $"INSERT INTO {table} ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
        _scrub = session.Later(
            $"UPDATE {table} SET type = ?2, metadata = x'', payload = x'', checksum = ?3 WHERE position = ?1");
        _forward = session.Later($"SELECT {Columns} FROM {table} WHERE position > ?1 ORDER BY position");
        _backward = session.Later($"SELECT {Columns} FROM {table} WHERE position <= ?1 ORDER BY position DESC");
        _places = session.Later(
            $"SELECT position, stream, version FROM {table} WHERE position > ?1 ORDER BY position LIMIT ?2");
        _sizes = session.Later(
            $"SELECT prev, stream, version, length(metadata) + length(payload) FROM {table} WHERE position = ?1");
    }

    public LogPartition Partition { get; }

    public long LastPosition() => _last.Value.Scalar() ?? 0;

    public void Insert(in LogRow row, long prev, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload) =>
        _insert.Value.Bind(1, row.Position).Bind(2, row.Stream).Bind(3, row.Version).Bind(4, prev).Bind(5, row.Type)
            .Bind(6, row.Timestamp).Bind(7, row.Id).Bind(8, row.AppendId).Bind(9, row.Checksum(metadata, payload))
            .Bind(10, metadata).Bind(11, payload).Execute();

    /// <summary>Makes a tombstone of a row.</summary>
    public void Scrub(in LogRow tombstone) =>
        _scrub.Value.Bind(1, tombstone.Position).Bind(2, tombstone.Type).Bind(3, tombstone.Checksum([], [])).Execute();

    /// <summary>The row at a position, or null.</summary>
    public LogRow? RowAt(long position)
    {
        using var cursor = Backward(position);
        return cursor.Step() && cursor.Position == position ? cursor.Row : null;
    }

    /// <summary>A cursor on the rows behind a position, oldest first.</summary>
    public LogCursor Forward(long after) => new(_forward.Value, after);

    /// <summary>A cursor on the rows up to a position, newest first.</summary>
    public LogCursor Backward(long from) => new(_backward.Value, from);

    /// <summary>Tells of each row behind a position which stream's event stands there.</summary>
    public void VisitPlaces(long after, int limit, Action<long, Place> visit)
    {
        var statement = _places.Value.Bind(1, after).Bind(2, limit);
        try
        {
            while (statement.Step()) visit(statement.Int64(1), new Place(statement.Int64(2), statement.Int64(0)));
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>
    /// How large the event at a place is, and where its stream's previous one stands, without reading its content;
    /// null where no event of that stream and version stands there.
    /// </summary>
    public (long Prev, long Size)? SizeAt(long stream, Place place)
    {
        var statement = _sizes.Value.Bind(1, place.Position);
        try
        {
            return statement.Step() && statement.Int64(1) == stream && statement.Int64(2) == place.Version
                ? (statement.Int64(0), statement.Int64(3))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }
}
