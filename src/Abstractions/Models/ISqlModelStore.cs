using System.Data.Common;

namespace Granary;

/// <summary>A model store in a database: others write in its transactions.</summary>
public interface ISqlModelStore : IModelStore
{
    /// <summary>
    /// As <see cref="IModelStore.CommitAsync"/>, with a caller that writes in the same transaction. It is called once
    /// the checkpoint and the rows are changed, and not at all where the outcome is not
    /// <see cref="ModelCommitOutcome.Committed"/> or the commit had landed before. Where it throws, everything is
    /// rolled back and its exception is thrown. So is the database's own exception where it refuses the commit for what
    /// was written: it is no error of the store. What it leaves in the session, as a temporary table, a setting or a
    /// lock, is not there for whoever has the connection next.
    /// </summary>
    /// <param name="commit">The changes.</param>
    /// <param name="write">Writes on the connection, in the transaction; it ends neither.</param>
    /// <param name="cancellationToken">Ends the write too.</param>
    ValueTask<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, SqlModelWrite write, CancellationToken cancellationToken);
}

/// <summary>Writes in an open transaction, without ending it.</summary>
/// <param name="connection">The open connection.</param>
/// <param name="transaction">The open transaction, in which the checkpoint commits as well.</param>
/// <param name="cancellationToken">Ends the write.</param>
public delegate Task SqlModelWrite(
    DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken);
