namespace Granary.Storage.Sqlite;

/// <summary>Snapshots in the file that the events are in.</summary>
public sealed class SqliteSnapshotStore(SqliteEventStore store) : ISnapshotStore
{
    /// <inheritdoc />
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken) =>
        store.Writer.WriteAsync(
            session =>
            {
                var stream = store.Names.FindStream(session, snapshot.Stream)
                    ?? session.Names.AddStream(snapshot.Stream);
                session.Snapshots.Write(stream, snapshot);
            },
            cancellationToken);

    /// <inheritdoc />
    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        var partition = LogPartition.Of(stream, store.PartitionCount);
        var bound = notAfter is null ? long.MaxValue : LogRow.Microseconds(notAfter.Value);
        return await store.Readers.ReadAsync(
            session => store.Names.FindStream(session, stream) is { } id
                ? session.Snapshots.Read(new StreamNumber(stream, id), partition, atMost.Value, bound)
                : null,
            cancellationToken);
    }
}
