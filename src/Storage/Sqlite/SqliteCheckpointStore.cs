namespace Granary.Storage.Sqlite;

/// <summary>Checkpoints in the file that the events are in.</summary>
public sealed class SqliteCheckpointStore(SqliteEventStore store) : ICheckpointStore
{
    /// <inheritdoc />
    public async ValueTask<Checkpoint?> ReadAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        await store.Readers.ReadAsync(session => session.Checkpoints.Read(name, partition), cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken)
    {
        var isThere = false;
        await store.Writer.UseAsync(
            session => session.Write(writing =>
            {
                var found = writing.Checkpoints.Read(advance.Name, advance.Partition);
                var (position, epoch) = (found?.Position ?? GlobalPosition.Zero, found?.Epoch ?? 0);
                isThere = advance.IsDoneAt(position, epoch);
                if (isThere || !advance.IsAllowedAt(position, epoch)) return false;
                writing.Checkpoints.Write(advance);
                return isThere = true;
            }),
            cancellationToken);
        if (isThere) store.Maintenance.OnWritten(advance.Name.Length);
        return isThere;
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken) =>
        await store.Readers.ReadAsync(static session => session.Checkpoints.ReadAll(), cancellationToken);

    /// <inheritdoc />
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var hasDeleted = false;
        await store.Writer.UseAsync(
            session => hasDeleted = session.Write(writing => writing.Checkpoints.Delete(name)), cancellationToken);
        if (hasDeleted) store.Maintenance.OnWritten(name.Length);
    }
}
