namespace Granary.Storage.Sqlite;

/// <summary>A clearing or a truncation whose events still have content.</summary>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Before">The position of the clearing's marker, or of the first event that the truncation kept.</param>
/// <param name="Rest">The position of the last of the events that have content: each leads to its previous one.</param>
/// <param name="First">
/// The version of the first of them, where a truncation left them: those before were removed by an earlier one. 0 where
/// a clearing did: all of the generation.
/// </param>
internal readonly record struct Leftover(LogPartition Partition, long Before, long Rest, long First);

/// <summary>
/// What clearings and truncations have left to be removed. It shares their table, with numbers below 0.
/// </summary>
internal sealed class LeftoverStatements(SqliteSession session)
{
    private readonly Lazy<Statement> _next = session.PrepareLazily(
        "SELECT stream, position, rest, first FROM removals WHERE stream < 0 AND (stream, position) > (?1, ?2) "
        + "ORDER BY stream, position LIMIT 1");

    private readonly Lazy<Statement> _any =
        session.PrepareLazily("SELECT position FROM removals WHERE stream = ?1 LIMIT 1");

    private readonly Lazy<Statement> _add = session.PrepareLazily(
        "INSERT INTO removals (stream, position, rest, first) VALUES (?1, ?2, ?3, nullif(?4, 0))");

    private readonly Lazy<Statement> _shorten =
        session.PrepareLazily("UPDATE removals SET rest = ?3 WHERE stream = ?1 AND position = ?2");

    private readonly Lazy<Statement> _remove =
        session.PrepareLazily("DELETE FROM removals WHERE stream = ?1 AND position = ?2");

    /// <summary>Whether anything is left in a partition.</summary>
    public bool IsAnyIn(LogPartition partition) => _any.Value.Bind(1, NumberOf(partition)).Scalar() is not null;

    /// <summary>
    /// What the next one after one has left; the oldest where that is null, and null where there is none. Where it is
    /// not known what is left, the rest is 0.
    /// </summary>
    public Leftover? Next(Leftover? after)
    {
        var statement = _next.Value
            .Bind(1, after is { } one ? NumberOf(one.Partition) : long.MinValue).Bind(2, after?.Before ?? 0);
        try
        {
            return statement.Step()
                ? new Leftover(
                    new LogPartition((int)~statement.Int64(0)), statement.Int64(1), statement.Int64(2),
                    statement.Int64(3))
                : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Add(Leftover one) => _add.Value
        .Bind(1, NumberOf(one.Partition)).Bind(2, one.Before).Bind(3, one.Rest).Bind(4, one.First).Execute();

    /// <summary>Sets the event up to which content is left; 0 where none is.</summary>
    public void SetRest(Leftover one, long rest)
    {
        var statement = (rest > 0 ? _shorten : _remove).Value.Bind(1, NumberOf(one.Partition)).Bind(2, one.Before);
        if (rest > 0) statement.Bind(3, rest);
        statement.Execute();
    }

    // Streams are numbered from 1.
    private static long NumberOf(LogPartition partition) => ~(long)partition.Value;
}
