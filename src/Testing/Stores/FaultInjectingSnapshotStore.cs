namespace Granary.Testing;

/// <summary>The snapshots of a <see cref="FaultInjectingEventStore"/>.</summary>
internal sealed class FaultInjectingSnapshotStore(ISnapshotStore inner) : ISnapshotStore
{
    public FaultPoint Writes { get; } = new("the write of a snapshot");

    public FaultPoint Reads { get; } = new("the read of a snapshot");

    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        await Writes.PassAsync(cancellationToken);
        await inner.WriteSnapshotAsync(snapshot, cancellationToken);
    }

    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        await Reads.PassAsync(cancellationToken);
        return await inner.ReadSnapshotAsync(stream, atMost, notAfter, cancellationToken);
    }
}
