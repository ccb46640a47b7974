using System.Data.Common;

namespace Granary;

/// <summary>
/// Writes what events lead to into tables of its own, in the transaction in which the reader's checkpoint commits: with
/// SQL, Dapper, EF Core or whatever takes a <see cref="DbConnection"/> and a <see cref="DbTransaction"/>.
/// </summary>
/// <remarks>
/// <para>Mark the class with <see cref="ProjectionAttribute"/> and add it with <c>AddSqlProjection</c>. It needs a
/// store
/// in a database (<see cref="ISqlModelStore"/>): <c>UseSqlite</c> or <c>UsePostgres</c>.</para>
/// <para>Each event is applied exactly once, as far as it is written on the connection in the transaction. What is done
/// elsewhere is repeated where a transaction does not commit.</para>
/// <para>Events of one partition of the log come in order and one call at a time. Those of several partitions are
/// applied side by side, on several threads and in several silos: rows that are written for more than one partition
/// have to be changed by statements that are correct then (<c>SET total = total + 1</c>), or locked before they are
/// read. On SQLite one transaction writes at a time.</para>
/// <para>Neither the connection nor the transaction is committed, rolled back, closed or disposed of, and neither is
/// used after the call. The call is short: what it has locked waits for it, on SQLite everything that writes
/// models.</para>
/// </remarks>
public interface ISqlProjection
{
    /// <summary>The categories of the streams whose events it reads; at least one.</summary>
    IEnumerable<string> Categories { get; }

    /// <summary>
    /// The types of the events that it takes, or base types of theirs; at least one. With <see cref="StreamCleared"/>
    /// it is handed the clearing of streams too. Other events are passed over.
    /// </summary>
    IEnumerable<Type> Events { get; }

    /// <summary>Writes what events lead to.</summary>
    /// <remarks>
    /// Where it throws, or the database refuses the commit, everything is rolled back. After an error of the database
    /// that may pass (<see cref="DbException.IsTransient"/>) the same events come again, for as long as it lasts; after
    /// other errors fewer and fewer events. One event that fails by itself is tried 5 times, and then its stream is
    /// parked. Dispose of every <see cref="DbDataReader"/>: one that is left open is such an error on PostgreSQL.
    /// </remarks>
    /// <param name="events">
    /// The events, in the order of the log: at least one, and at most <see cref="GranaryLimits.PageSizeMax"/> recorded
    /// ones.
    /// </param>
    /// <param name="connection">The open connection.</param>
    /// <param name="transaction">The open transaction, in which the checkpoint commits as well.</param>
    /// <param name="cancellationToken">Ends it: the worker stops.</param>
    Task ApplyAsync(
        IReadOnlyList<SqlProjectionEvent> events, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken);

    /// <summary>
    /// Makes its tables empty: creates those that are not there, and deletes the rows of the others, or drops them and
    /// creates them anew. Called before the first event, and before the first event of a new version.
    /// </summary>
    /// <remarks>
    /// It commits once for each version, whatever the number of partitions and silos. From that commit on no code of an
    /// earlier version writes, and every event of the log is applied from the first one on. It may be called again
    /// where the transaction was rolled back. Where it throws, the reader stops until it is resumed, and silos with the
    /// code of an earlier version go on.
    /// </remarks>
    /// <param name="connection">The open connection.</param>
    /// <param name="transaction">The open transaction, in which reading begins anew as well.</param>
    /// <param name="cancellationToken">Ends it: the worker stops.</param>
    Task ResetAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken);
}
