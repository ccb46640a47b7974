namespace Granary.Storage.Postgres;

/// <summary>Snapshots in the database that the events are in.</summary>
public sealed class PostgresSnapshotStore(PostgresEventStore store) : ISnapshotStore
{
    /// <inheritdoc />
    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken) =>
        await store.Database.Call("write_snapshot").With(Names.HashOf(snapshot.Stream)).With(snapshot.Version.Value)
            .With(snapshot.Position.Position.Value).With(snapshot).With(ISnapshotStore.KeptMax)
            .ReadAsync(static _ => true, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        var partition = store.PartitionOf(stream);
        var rows = await store.Database.Call("read_snapshot")
            .With(Names.HashOf(stream)).With(atMost.Value).With(notAfter)
            .ReadAsync(
                row => new Snapshot
                {
                    Stream = stream,
                    Version = new(row.GetInt64(0)),
                    Position = new(partition, new(row.GetInt64(1))),
                    Timestamp = row.GetFieldValue<DateTimeOffset>(2),
                    Fingerprint = Names.Text(row.GetFieldValue<byte[]>(3)),
                    Checksum = unchecked((ulong)row.GetInt64(4)),
                    Payload = row.GetFieldValue<byte[]>(5),
                },
                cancellationToken)
            .ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }
}
