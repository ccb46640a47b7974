namespace Granary.Storage.Postgres;

/// <summary>Checkpoints in the database that the events are in.</summary>
public sealed class PostgresCheckpointStore(PostgresEventStore store) : ICheckpointStore
{
    /// <inheritdoc />
    public async ValueTask<Checkpoint?> ReadAsync(
        string name, LogPartition partition, CancellationToken cancellationToken)
    {
        var rows = await store.Database.Call("read_checkpoint").With(Names.Bytes(name)).With(partition.Value)
            .ReadAsync(
                row => new Checkpoint(name, partition, new(row.GetInt64(0)), row.GetInt64(1)), cancellationToken)
            .ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <inheritdoc />
    public async ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken)
    {
        var rows = await store.Database.Call("advance").With(Names.Bytes(advance.Name)).With(advance.Partition.Value)
            .With(advance.From.Value).With(advance.To.Value).With(advance.Epoch)
            .ReadAsync(static row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
        return rows[0];
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <inheritdoc />
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
