using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>The silo's appender: a writer for each partition of the log, and the metrics around them.</summary>
internal sealed class Appender : IAppendSender, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly BoundedPool<PendingAppend> _pool = new(static pool => new PendingAppend(pool));
    private readonly IEventStore _store;
    private readonly CommitRoutes _routes;
    private readonly SiloStore _siloStore;
    private readonly AppenderOptions _options;
    private readonly GranaryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private PartitionWriter[]? _writers;
    private bool _stopping;

    public Appender(
        IEventStore store,
        CommitRoutes routes,
        SiloStore siloStore,
        IOptions<AppenderOptions> options,
        GranaryMetrics metrics,
        TimeProvider time,
        ILogger<Appender> logger)
    {
        _store = store;
        _routes = routes;
        _siloStore = siloStore;
        _options = options.Value;
        _metrics = metrics;
        _time = time;
        _logger = logger.Guarded();
        metrics.ObserveQueues(QueueLengths);
    }

    /// <summary>Is raised after each commit with a clearing in it.</summary>
    public event Action? Cleared;

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(Append append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        _siloStore.Limits.ThrowIfOver(append.Events, append.Size, "append");
        if (cancellationToken.CanBeCanceled || !CanEnqueueNow(out var writers))
            return AppendUnpooledAsync(append, cancellationToken);

        var pending = _pool.Rent().For(append, _time.GetTimestamp());
        return WriterOf(append.Stream, writers).TryEnqueue(pending)
            ? pending.Answer
            : AppendUnpooledAsync(append, CancellationToken.None);
    }

    /// <inheritdoc />
    public void Send(Append append, IAppendCaller caller)
    {
        var pending = _pool.Rent().For(append, _time.GetTimestamp(), caller);
        if (!CanEnqueueNow(out var writers) || !WriterOf(append.Stream, writers).TryEnqueue(pending))
            _ = SendUnpooledAsync(append, pending);
    }

    /// <summary>
    /// As <see cref="Send"/>, for an append of another silo: it is committed in one epoch of its partition or not.
    /// </summary>
    public void SendRouted(Append append, long epoch, IAppendCaller caller)
    {
        var pending = _pool.Rent().For(append, _time.GetTimestamp(), caller, epoch);
        var writers = Volatile.Read(ref _writers);
        if (writers is null || !WriterOf(append.Stream, writers).TryEnqueue(pending)) _ = EnqueueRoutedAsync(pending);
    }

    /// <summary>
    /// Accepts no more appends and waits until those that were accepted are answered. When the token is cancelled,
    /// those that still wait are refused instead.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        PartitionWriter[] writers;
        bool again;
        lock (_gate)
        {
            again = _stopping;
            _stopping = true;
            writers = _writers ?? [];
        }

        foreach (var writer in writers) writer.Complete();
        var drained = Task.WhenAll(writers.Select(writer => writer.Completion));
        try
        {
            await drained.WaitAsync(cancellationToken);
            if (!again && writers.Length > 0) AppenderLog.Drained(_logger);
        }
        catch (OperationCanceledException)
        {
            // A commit that has begun still answers its callers; only the waiting for it ends.
            AppenderLog.DrainAborted(_logger);
            await _abort.CancelAsync();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Where the silo's time to stop ran out, a store that hangs must not keep the process from ending either.
        if (!_abort.IsCancellationRequested) await DrainAsync(CancellationToken.None);
    }

    private bool CanEnqueueNow([NotNullWhen(true)] out PartitionWriter[]? writers)
    {
        writers = Volatile.Read(ref _writers);
        return writers is not null && !GranaryTracing.HasListeners;
    }

    // It always ends by answering, so no caller has to await it.
    private async Task SendUnpooledAsync(Append append, PendingAppend pending)
    {
        AppendResult result;
        try
        {
            result = await AppendUnpooledAsync(append, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            pending.Fail(error);
            return;
        }

        pending.Complete(result);
    }

    // Where it may be cancelled, traces are recorded, or the queue is full. It takes no turns of the grain that sends.
    private async ValueTask<AppendResult> AppendUnpooledAsync(Append append, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = GranaryTracing.StartAppend(append, _logger);
        try
        {
            // What may be cancelled at any time is not used again: the canceller may come late.
            var pending = new PendingAppend().For(append, _time.GetTimestamp());
            await using var registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((PendingAppend)state!).Cancel(token), pending).ConfigureAwait(false);
            await EnqueueAsync(append.Stream, pending, cancellationToken).ConfigureAwait(false);
            var result = await pending.Answer.ConfigureAwait(false);
            activity.SetResult(result);
            return result;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            activity.Fail(error);
            throw;
        }
    }

    // It always ends by answering, or the writer does.
    private async Task EnqueueRoutedAsync(PendingAppend pending)
    {
        try
        {
            await Task.Yield();
            await EnqueueAsync(pending.Append.Stream, pending, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            pending.Fail(error);
        }
    }

    private async ValueTask EnqueueAsync(StreamName stream, PendingAppend pending, CancellationToken cancellationToken)
    {
        try
        {
            var writers = Volatile.Read(ref _writers) ?? StartWriters();
            await WriterOf(stream, writers).EnqueueAsync(pending, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // Another silo that has sent it counts it.
            if (pending.Epoch == 0) _metrics.Failed();
            throw;
        }
    }

    // Made at the first append: a store may have its number of partitions only when it is initialized.
    private PartitionWriter[] StartWriters()
    {
        lock (_gate)
        {
            if (_writers is not null) return _writers;
            if (_stopping) throw PartitionWriter.Stopping();

            var writers = Enumerable.Range(0, _store.PartitionCount).Select(Start).ToArray();
            Volatile.Write(ref _writers, writers);
            return writers;
        }
    }

    private static PartitionWriter WriterOf(StreamName stream, PartitionWriter[] writers) =>
        writers[LogPartition.Of(stream, writers.Length).Value];

    private PartitionWriter Start(int number)
    {
        var partition = new LogPartition(number);
        var committer = new BatchCommitter(_routes.To(partition), partition, NewDeadline(), _time, _metrics, _logger)
        {
            Cleared = () => Cleared?.Invoke(),
        };
        return new PartitionWriter(
            partition, OptionsWithin(_siloStore.Limits), committer, _time, _logger, _abort.Token);
    }

    private CommitDeadline NewDeadline() =>
        new(TimeSpan.FromMilliseconds(_options.CommitTimeoutMs), _time);

    private AppenderOptions OptionsWithin(StoreLimits limits) => new()
    {
        QueueLengthMax = _options.QueueLengthMax,
        BatchEventsMax = Math.Min(_options.BatchEventsMax, limits.BatchEventsMax),
        BatchSizeMaxBytes = (int)Math.Min(_options.BatchSizeMaxBytes, limits.BatchSizeMax),
        CommitTimeoutMs = _options.CommitTimeoutMs,
    };

    private IEnumerable<Measurement<int>> QueueLengths()
    {
        var writers = Volatile.Read(ref _writers) ?? [];
        return writers.Select((writer, number) =>
            new Measurement<int>(writer.QueueLength, GranaryMetrics.TagOf(new LogPartition(number))));
    }
}
