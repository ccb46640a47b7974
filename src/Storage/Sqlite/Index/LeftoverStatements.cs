namespace Granary.Storage.Sqlite;

/// <summary>A clearing whose events still have content.</summary>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Marker">The position of the clearing's marker.</param>
/// <param name="Rest">The position of the last of the events that have content: each leads to its previous one.</param>
internal readonly record struct Leftover(LogPartition Partition, long Marker, long Rest);

/// <summary>What clearings have left to be removed. It shares their table, with numbers below 0.</summary>
internal sealed class LeftoverStatements(SqliteSession session)
{
    private readonly Lazy<Statement> _next = session.PrepareLazily(
        "SELECT stream, position, rest FROM clearings WHERE stream < 0 AND (stream, position) > (?1, ?2) "
        + "ORDER BY stream, position LIMIT 1");

    private readonly Lazy<Statement> _any =
        session.PrepareLazily("SELECT position FROM clearings WHERE stream = ?1 LIMIT 1");

    private readonly Lazy<Statement> _add =
        session.PrepareLazily("INSERT INTO clearings (stream, position, rest) VALUES (?1, ?2, ?3)");

    private readonly Lazy<Statement> _shorten =
        session.PrepareLazily("UPDATE clearings SET rest = ?3 WHERE stream = ?1 AND position = ?2");

    private readonly Lazy<Statement> _remove =
        session.PrepareLazily("DELETE FROM clearings WHERE stream = ?1 AND position = ?2");

    /// <summary>Whether a clearing of a partition has left anything.</summary>
    public bool IsAnyIn(LogPartition partition) => _any.Value.Bind(1, NumberOf(partition)).Scalar() is not null;

    /// <summary>
    /// What the next clearing after one has left; the oldest where that is null, and null where there is none. Where it
    /// is not known what is left, the rest is 0.
    /// </summary>
    public Leftover? Next(Leftover? after)
    {
        var statement = _next.Value
            .Bind(1, after is { } one ? NumberOf(one.Partition) : long.MinValue).Bind(2, after?.Marker ?? 0);
        try
        {
            return statement.Step()
                ? new Leftover(
                    new LogPartition((int)~statement.Int64(0)), statement.Int64(1), statement.Int64(2))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Add(Leftover one) =>
        _add.Value.Bind(1, NumberOf(one.Partition)).Bind(2, one.Marker).Bind(3, one.Rest).Execute();

    /// <summary>Sets the event up to which content is left; 0 where none is.</summary>
    public void SetRest(Leftover one, long rest)
    {
        var statement = (rest > 0 ? _shorten : _remove).Value.Bind(1, NumberOf(one.Partition)).Bind(2, one.Marker);
        if (rest > 0) statement.Bind(3, rest);
        statement.Execute();
    }

    // Streams are numbered from 1.
    private static long NumberOf(LogPartition partition) => ~(long)partition.Value;
}
