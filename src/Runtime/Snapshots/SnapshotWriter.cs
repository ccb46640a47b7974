using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Writes snapshots outside of the grains' turns. One that finds the queue full is dropped: the stream is replayed.
/// </summary>
internal sealed class SnapshotWriter(
    ISnapshotStore store, IOptions<SnapshotOptions> options, ILogger<SnapshotWriter> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    /// <summary>What the snapshots that wait may hold, in bytes; one that waits alone may be larger.</summary>
    public const long QueueBytesMax = 64 * 1024 * 1024;

    private readonly Channel<Snapshot> _queue = Channel.CreateBounded<Snapshot>(
        new BoundedChannelOptions(options.Value.QueueLengthMax) { SingleReader = true });

    private readonly ILogger _logger = logger.Guarded();
    private readonly CancellationTokenSource _abandoned = new();
    private Task _running = Task.CompletedTask;
    private long _queuedBytes;

    /// <summary>Whether snapshots are written at all.</summary>
    public bool IsEnabled { get; } = options.Value.Enabled;

    /// <summary>Queues a snapshot; false where it was dropped.</summary>
    public bool TryEnqueue(Snapshot snapshot)
    {
        long size = snapshot.Payload.Length;
        var queued = Interlocked.Add(ref _queuedBytes, size);
        if ((queued == size || queued <= QueueBytesMax) && _queue.Writer.TryWrite(snapshot)) return true;
        Interlocked.Add(ref _queuedBytes, -size);
        _logger.SnapshotDropped(snapshot.Stream, snapshot.Version.Value);
        return false;
    }

    /// <summary>It runs from before the first grain until after the last, and then writes what is queued.</summary>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SnapshotWriter),
        ServiceLifecycleStage.RuntimeStorageServices + 1,
        _ =>
        {
            _running = Task.Run(RunAsync, CancellationToken.None);
            return Task.CompletedTask;
        },
        DrainAsync);

    public async ValueTask DisposeAsync()
    {
        await DrainAsync(CancellationToken.None);
        _abandoned.Dispose();
    }

    /// <summary>Writes what is queued, and queues nothing more. May be called again.</summary>
    /// <param name="token">
    /// Cancelled when the silo's time to stop runs out: then the store is not waited for. Without these snapshots
    /// streams are replayed.
    /// </param>
    public async Task DrainAsync(CancellationToken token)
    {
        _queue.Writer.TryComplete();
        using var registration = token.Register(_abandoned.Cancel);
        await _running;
    }

    private async Task RunAsync()
    {
        // The reader is not cancelled: it reads the queue to its end, so that what is not written is counted.
        var abandoned = 0;
        await foreach (var snapshot in _queue.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await store.WriteSnapshotAsync(snapshot, _abandoned.Token);
            }
            catch (OperationCanceledException) when (_abandoned.IsCancellationRequested)
            {
                abandoned++;
            }
            catch (Exception fault)
            {
                _logger.SnapshotNotWritten(fault, snapshot.Stream, snapshot.Version.Value);
            }
            finally
            {
                Interlocked.Add(ref _queuedBytes, -snapshot.Payload.Length);
            }
        }

        if (abandoned > 0) _logger.SnapshotsNotDrained(abandoned);
    }
}
