namespace Granary.Storage.Sqlite;

/// <summary>
/// The tables that are derived from the log: where each stream ends, and where every <see cref="Spacing"/>th of its
/// events stands. Each partition's are complete up to a position; what is behind that the log itself tells.
/// </summary>
internal sealed class IndexStatements(SqliteSession session)
{
    /// <summary>The versions with a mark are 1 and every so many further on.</summary>
    public const int Spacing = 64;

    private readonly Lazy<Statement> _head = session.Later("SELECT version, position FROM heads WHERE stream = ?1");

    private readonly Lazy<Statement> _mark =
        session.Later("SELECT position FROM marks WHERE stream = ?1 AND version = ?2");

    private readonly Lazy<Statement> _setHead = session.Later(
        "INSERT INTO heads (stream, version, position) VALUES (?1, ?2, ?3) "
        + "ON CONFLICT DO UPDATE SET version = excluded.version, position = excluded.position "
        + "WHERE excluded.position > position");

    private readonly Lazy<Statement> _setMark =
        session.Later(
            "INSERT INTO marks (stream, version, position) VALUES (?1, ?2, ?3) "
            + "ON CONFLICT DO UPDATE SET position = excluded.position WHERE excluded.position > position");

    private readonly Lazy<Statement> _dropMarks = session.Later("DELETE FROM marks WHERE stream = ?1");

    private readonly Lazy<Statement> _indexed =
        session.Later("SELECT position FROM indexed WHERE partition = ?1");

    private readonly Lazy<Statement> _setIndexed =
        session.Later("UPDATE indexed SET position = max(position, ?2) WHERE partition = ?1");

    private readonly Lazy<Statement> _dropSnapshots = session.Later("DELETE FROM snapshots WHERE stream = ?1");

    public static bool IsMarked(long version) => version % Spacing == 1;

    /// <summary>The last marked version that is not behind a version.</summary>
    public static long MarkedAtMost(long version) => (version - 1) / Spacing * Spacing + 1;

    /// <summary>The first marked version that is not before a version.</summary>
    public static long MarkedAtLeast(long version) => MarkedAtMost(version + Spacing - 1);

    public Place? Head(long stream)
    {
        var statement = _head.Value.Bind(1, stream);
        try
        {
            return statement.Step() ? new Place(statement.Int64(0), statement.Int64(1)) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Where the event of a marked version stands.</summary>
    public long? Mark(long stream, long version) => _mark.Value.Bind(1, stream).Bind(2, version).Scalar();

    public void SetHead(long stream, Place place) =>
        _setHead.Value.Bind(1, stream).Bind(2, place.Version).Bind(3, place.Position).Execute();

    public void SetMark(long stream, Place place) =>
        _setMark.Value.Bind(1, stream).Bind(2, place.Version).Bind(3, place.Position).Execute();

    /// <summary>Drops what is derived from the events of a stream that is cleared.</summary>
    public void Forget(long stream)
    {
        _dropMarks.Value.Bind(1, stream).Execute();
        _dropSnapshots.Value.Bind(1, stream).Execute();
    }

    /// <summary>Up to where heads and marks of a partition are complete.</summary>
    public long Indexed(LogPartition partition) => _indexed.Value.Bind(1, partition.Value).Scalar() ?? 0;

    public void SetIndexed(LogPartition partition, long position) =>
        _setIndexed.Value.Bind(1, partition.Value).Bind(2, position).Execute();
}
