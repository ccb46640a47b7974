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
    public async ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken) =>
        await store.Database.Call("read_checkpoints")
            .ReadAsync(
                static row => new Checkpoint(
                    Names.Text(row.GetFieldValue<byte[]>(0)), new(row.GetInt32(1)), new(row.GetInt64(2)),
                    row.GetInt64(3)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        await store.Database.Call("delete_checkpoints").With(Names.Bytes(name))
            .ReadAsync(static _ => true, cancellationToken).ConfigureAwait(false);
}
