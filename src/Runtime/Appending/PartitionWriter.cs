using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>The one writer of a partition: commits all that waits as one transaction.</summary>
internal sealed class PartitionWriter
{
    private readonly LogPartition _partition;
    private readonly IEventStore _store;
    private readonly AppenderOptions _options;
    private readonly GranaryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<PendingAppend> _queue;
    private readonly Task _running;
    private DateTimeOffset _lastTimestamp;

    public PartitionWriter(
        LogPartition partition,
        IEventStore store,
        AppenderOptions options,
        GranaryMetrics metrics,
        TimeProvider time,
        ILogger logger)
    {
        (_partition, _store, _options, _metrics, _time, _logger) = (partition, store, options, metrics, time, logger);
        _queue = Channel.CreateBounded<PendingAppend>(
            new BoundedChannelOptions(options.QueueLengthMax) { SingleReader = true, AllowSynchronousContinuations = false });

        // The writer outlives the call that made it and must not carry its context along.
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync);
    }

    /// <summary>Queues an append, waiting for room.</summary>
    public async ValueTask EnqueueAsync(PendingAppend pending, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
            _metrics.Queued(1);
        }
        catch (ChannelClosedException)
        {
            throw new StoreUnavailableException("The silo is stopping and takes no further appends. Try another silo.");
        }
    }

    /// <summary>Takes nothing more and completes when everything queued is answered.</summary>
    public Task DrainAsync()
    {
        _queue.Writer.TryComplete();
        return _running;
    }

    private async Task RunAsync()
    {
        PendingAppend? carried = null;
        var batch = new List<PendingAppend>();
        while (carried is not null || await _queue.Reader.WaitToReadAsync())
        {
            carried = Gather(batch, carried);
            if (batch.Count > 0) await CommitAsync(batch);
            batch.Clear();
        }
    }

    // What does not fit any more is carried over to the next batch; the order of a stream's appends never changes.
    private PendingAppend? Gather(List<PendingAppend> batch, PendingAppend? carried)
    {
        var events = 0;
        var size = 0L;
        while (true)
        {
            var next = carried;
            carried = null;
            if (next is null)
            {
                if (!_queue.Reader.TryRead(out next)) return null;
                _metrics.Queued(-1);
                if (!next.TryTake()) continue;
            }

            events += next.Append.Events.Count;
            size += next.Append.Size;
            if (batch.Count > 0 && (events > _options.BatchEventsMax || size > _options.BatchSizeMaxBytes)) return next;
            batch.Add(next);
        }
    }

    private async Task CommitAsync(List<PendingAppend> pending)
    {
        try
        {
            await CommitTogetherAsync(pending);
        }
        catch (ArgumentException) when (pending.Count > 1)
        {
            // One malformed append must not take the others along: each stands for itself.
            foreach (var one in pending) await CommitAsync([one]);
        }
        catch (Exception fault)
        {
            _logger.CommitFailed(fault, _partition.Value, pending.Count);
            foreach (var one in pending) one.Fail(fault);
        }
    }

    private async Task CommitTogetherAsync(List<PendingAppend> pending)
    {
        var now = _time.GetUtcNow();
        _lastTimestamp = now > _lastTimestamp ? now : _lastTimestamp;
        var batch = new AppendBatch(_partition, _lastTimestamp, pending.ConvertAll(static one => one.Append));
        var began = _time.GetTimestamp();
        await _store.CommitAsync(batch, CancellationToken.None);
        _metrics.Committed(pending.Sum(static one => one.Append.Events.Count), _time.GetElapsedTime(began));
        for (var at = 0; at < pending.Count; at++)
        {
            var result = batch.Results[at];
            _metrics.Answered(pending[at].Append, result.Outcome, _time.GetElapsedTime(pending[at].QueuedAt));
            pending[at].Complete(result);
        }
    }
}
