namespace Granary.Storage.Sqlite;

/// <summary>Snapshots in the file that the events are in.</summary>
public sealed class SqliteSnapshotStore(SqliteEventStore store) : ISnapshotStore
{
    /// <inheritdoc />
    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        await store.Writer.WriteAsync(
            session =>
            {
                var stream = store.Names.FindStream(session, snapshot.Stream)?.Id
                    ?? AddStream(session, snapshot.Stream);

                // A snapshot that was taken before the stream was cleared or truncated may be written after that. That
                // at which a truncated stream begins was read back before the events went: none takes its place.
                var (position, removed) = (snapshot.Position.Position.Value, session.Removals.Of(stream));
                var version = snapshot.Version.Value;
                var first = removed.IsTruncated ? removed.First.Version : (long?)null;
                if (position < removed.Before || (removed.Clearing > 0 && position <= removed.Clearing)) return;
                if (version == first && session.Streams.HasSnapshot(stream, version)) return;
                session.Streams.SetSnapshot(stream, snapshot);
                session.Streams.PruneSnapshots(stream, first);
            },
            cancellationToken);
        store.Maintenance.OnWritten(snapshot.Payload.Length);
    }

    /// <inheritdoc />
    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        var partition = LogPartition.Of(stream, store.PartitionCount);
        var bound = notAfter is null ? long.MaxValue : LogRow.Microseconds(notAfter.Value);
        return await store.Readers.ReadAsync(
            session => store.Names.FindStream(session, stream) is { } found
                ? session.Streams.ReadSnapshot(found, partition, atMost.Value, bound)
                : null,
            cancellationToken);
    }

    // A stream has a head even where it has no events.
    private static long AddStream(SqliteSession session, StreamName stream)
    {
        var id = session.Streams.AddStream(stream);
        session.Index.SetHead(id, default);
        return id;
    }
}
