using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Granary.Storage.Sqlite;

/// <summary>
/// The tables that are derived from the log: the last event of each stream (its head), and every
/// <see cref="EventMarks.Spacing"/>th of its events (a mark). Those of a partition are complete up to a position; what
/// comes after it is known from the log. A head and that position decide what is appended, so each has a checksum; a
/// mark is checked against the event that it leads to.
/// </summary>
internal sealed class IndexStatements(SqliteSession session)
{
    private readonly SqliteSession _session = session;

    private readonly Lazy<Statement> _head =
        session.PrepareLazily("SELECT version, position, checksum FROM heads WHERE stream = ?1");

    private readonly Lazy<Statement> _mark =
        session.PrepareLazily("SELECT position FROM marks WHERE stream = ?1 AND version = ?2");

    private readonly Lazy<Statement> _setHead = session.PrepareLazily(
        "INSERT INTO heads (stream, version, position, checksum) VALUES (?1, ?2, ?3, ?4) "
        + "ON CONFLICT DO UPDATE SET version = excluded.version, position = excluded.position, "
        + "checksum = excluded.checksum WHERE excluded.position > position");

    private readonly Lazy<Statement> _setMark = session.PrepareLazily(
        "INSERT INTO marks (stream, version, position) VALUES (?1, ?2, ?3) "
        + "ON CONFLICT DO UPDATE SET position = excluded.position WHERE excluded.position > position");

    private readonly Lazy<Statement> _dropMark =
        session.PrepareLazily("DELETE FROM marks WHERE stream = ?1 AND version = ?2 AND position = ?3");

    private readonly Lazy<Statement> _indexed =
        session.PrepareLazily("SELECT position, checksum FROM indexed WHERE partition = ?1");

    private readonly Lazy<Statement> _setIndexed = session.PrepareLazily(
        "INSERT INTO indexed (partition, position, checksum) VALUES (?1, ?2, ?3) "
        + "ON CONFLICT DO UPDATE SET position = excluded.position, checksum = excluded.checksum "
        + "WHERE excluded.position > position");

    /// <summary>The last event of a stream as the file has it; null where it has none.</summary>
    public EventAddress? Head(long stream)
    {
        var statement = _head.Value.Bind(1, stream);
        try
        {
            if (!statement.Step()) return null;
            var (version, position) = (statement.Int64(0), statement.Int64(1));
            return statement.Int64(2) == ChecksumOf(stream, version, position)
                ? new EventAddress(version, position)
                : throw _session.Corrupt($"the head of stream number {stream} does not match its checksum");
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The position of the event of a marked version; null where the file has none.</summary>
    public long? Mark(long stream, long version) => _mark.Value.Bind(1, stream).Bind(2, version).Scalar();

    public void SetHead(long stream, EventAddress address) => _setHead.Value
        .Bind(1, stream).Bind(2, address.Version).Bind(3, address.Position)
        .Bind(4, ChecksumOf(stream, address.Version, address.Position)).Execute();

    public void SetMark(long stream, EventAddress address) =>
        _setMark.Value.Bind(1, stream).Bind(2, address.Version).Bind(3, address.Position).Execute();

    /// <summary>Drops the mark of a version, unless it is another event's.</summary>
    public void DropMark(long stream, EventAddress address) =>
        _dropMark.Value.Bind(1, stream).Bind(2, address.Version).Bind(3, address.Position).Execute();

    /// <summary>The position up to which heads and marks of a partition are complete.</summary>
    public long Indexed(LogPartition partition)
    {
        var statement = _indexed.Value.Bind(1, partition.Value);
        try
        {
            if (statement.Step() && statement.Int64(1) == ChecksumOf(partition.Value, 0, statement.Int64(0)))
                return statement.Int64(0);
            throw _session.Corrupt($"the indexed position of partition {partition} does not match its checksum");
        }
        finally
        {
            statement.Reset();
        }
    }

    public void SetIndexed(LogPartition partition, long position) => _setIndexed.Value
        .Bind(1, partition.Value).Bind(2, position).Bind(3, ChecksumOf(partition.Value, 0, position)).Execute();

    // 32 bits take 4 bytes in a row; the page has a checksum of its own.
    private static long ChecksumOf(params ReadOnlySpan<long> values) =>
        unchecked((int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(values)));
}
