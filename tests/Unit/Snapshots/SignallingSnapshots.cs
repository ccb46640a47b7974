using System.Threading.Channels;
using Granary.Runtime;

namespace Granary.Tests.Unit.Snapshots;

/// <summary>A snapshot store that can fail its reads, and signals each write.</summary>
internal sealed class SignallingSnapshots(MemorySnapshotStore inner) : ISnapshotStore
{
    private readonly Channel<Snapshot> _written = Channel.CreateUnbounded<Snapshot>();

    /// <summary>Thrown by each read, where set.</summary>
    public Exception? ReadFault { get; set; }

    public ChannelReader<Snapshot> Written => _written.Reader;

    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        await inner.WriteSnapshotAsync(snapshot, cancellationToken);
        _written.Writer.TryWrite(snapshot);
    }

    public ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken) =>
        ReadFault is { } fault
            ? ValueTask.FromException<Snapshot?>(fault)
            : inner.ReadSnapshotAsync(stream, atMost, notAfter, cancellationToken);
}
