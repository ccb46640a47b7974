using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// The one writer of a partition: takes everything that waits in its queue, within the limits of a batch, and commits
/// it as one. While a commit runs the next batch gathers, so the busier the silo, the more shares a sync.
/// </summary>
internal sealed class PartitionWriter
{
    private readonly LogPartition _partition;
    private readonly AppenderOptions _options;
    private readonly BatchCommitter _committer;
    private readonly ILogger _logger;
    private readonly Channel<PendingAppend> _queue;
    private readonly ReturningCallers _returning;
    private readonly Func<int> _waiting;
    private readonly CancellationToken _abort;

    /// <summary>Starts the writer; it runs until it is completed and drained.</summary>
    /// <param name="partition">The partition that it alone writes to in this process.</param>
    /// <param name="options">The limits.</param>
    /// <param name="committer">What commits a batch.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where the writer's own end is logged.</param>
    /// <param name="abort">Refuses what waits instead of committing it.</param>
    public PartitionWriter(
        LogPartition partition,
        AppenderOptions options,
        BatchCommitter committer,
        TimeProvider time,
        ILogger logger,
        CancellationToken abort)
    {
        _partition = partition;
        _options = options;
        _committer = committer;
        _logger = logger;
        _abort = abort;
        _queue = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(options.QueueLengthMax)
        {
            FullMode = BoundedChannelFullMode.Wait,
            AllowSynchronousContinuations = false,
        });

        _returning = new ReturningCallers(time);
        _waiting = () => _queue.Reader.Count;
        committer.Expired = FailWaiting;
        committer.Committed = answered => _returning.OnEnd(answered, _queue.Reader.Count);

        // The writer serves all callers: it must not run on the scheduler, nor in the trace, of the first caller.
        using (ExecutionContext.SuppressFlow())
            Completion = WriterThread.Run($"granary-writer-{partition}", RunAsync);
    }

    /// <summary>Ends when the queue is completed and every append in it is answered; never fails.</summary>
    public Task Completion { get; }

    /// <summary>How many appends wait.</summary>
    public int QueueLength => _queue.Reader.Count;

    /// <summary>Queues an append; false where the queue is full, or the writer is stopping.</summary>
    public bool TryEnqueue(PendingAppend pending)
    {
        if (!_queue.Writer.TryWrite(pending)) return false;
        _returning.OnQueued(_waiting);
        return true;
    }

    /// <summary>Queues an append; waits while the queue is full.</summary>
    /// <exception cref="StoreUnavailableException">The writer is stopping.</exception>
    public async ValueTask EnqueueAsync(PendingAppend pending, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken).ConfigureAwait(false);
            _returning.OnQueued(_waiting);
        }
        catch (ChannelClosedException)
        {
            throw Stopping();
        }
    }

    /// <summary>Takes no more appends.</summary>
    public void Complete()
    {
        _queue.Writer.TryComplete();
        _returning.OnNoMore();
    }

    private async Task RunAsync()
    {
        var dequeued = new DequeuedAppends();
        try
        {
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                await _returning.WaitAsync(_waiting);
                await WriteWaitingAsync(dequeued);
            }
        }
        catch (Exception error)
        {
            AppenderLog.WriterEnded(_logger, error, _partition);
        }
        finally
        {
            _committer.Dispose();
            Complete();
            while (_queue.Reader.TryRead(out var pending))
            {
                if (pending.TryDequeue()) _committer.Fail(pending, Stopping());
            }
        }
    }

    // On another thread, while the store blocks the writer: what is queued would wait for as long as the store does.
    // Not what is sent from then on: callers that append again at once would be failed without end.
    private void FailWaiting(long now)
    {
        while (_queue.Reader.TryPeek(out var next) && next.SentAt < now && _queue.Reader.TryRead(out var pending))
        {
            if (pending.TryDequeue())
                _committer.Fail(pending, new StoreUnavailableException(
                    $"The store has not ended an earlier commit to partition {_partition} in time, so this try of the "
                    + "append has not begun. What came of an earlier one is not known: append again with the same "
                    + "id."));
        }
    }

    // Whatever goes wrong in here is an error of these callers, and the writer continues: a caller never hangs.
    private async Task WriteWaitingAsync(DequeuedAppends dequeued)
    {
        dequeued.Clear();
        try
        {
            Dequeue(dequeued);
            if (dequeued.Count == 0) return;
            if (_abort.IsCancellationRequested) throw Stopping();
            _returning.OnBegin();
            await _committer.CommitAsync(dequeued, _abort);
        }
        catch (Exception error)
        {
            _committer.FailRest(dequeued, error);
        }
    }

    private void Dequeue(DequeuedAppends dequeued)
    {
        var size = 0L;
        while (_queue.Reader.TryPeek(out var next))
        {
            var (events, bytes) = (next.Append.Events.Count, next.Append.Size);
            var isOver = dequeued.Events + events > _options.BatchEventsMax
                || size + bytes > _options.BatchSizeMaxBytes;
            if (dequeued.Count > 0 && isOver) return;

            _queue.Reader.TryRead(out _);
            if (!next.TryDequeue()) continue;
            dequeued.Add(next);
            size += bytes;

            // A clear holds no event, but it is work all the same: this bounds a batch of nothing else.
            if (dequeued.Count >= _options.BatchEventsMax) return;
        }
    }

    /// <summary>
    /// The error of appends that come too late. One that was tried before may have landed by that, or land yet.
    /// </summary>
    public static StoreUnavailableException Stopping() =>
        new("The silo is stopping and takes no more appends: this try of the append has not begun. Try again on "
            + "another silo, with the same id.");
}
