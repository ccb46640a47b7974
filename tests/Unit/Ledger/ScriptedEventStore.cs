namespace Granary.Tests.Unit.Ledger;

/// <summary>
/// A store as one process sees it: its reads of the log are held on command, and at one of its commits it ends.
/// </summary>
internal sealed class ScriptedEventStore(IEventStore inner) : IEventStore
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StoreHold? _hold;
    private int _endsAt = int.MaxValue;
    private bool _isWritten;
    private int _commits;
    private int _streamReads;

    public int PartitionCount => inner.PartitionCount;

    /// <summary>How often events of a stream were read.</summary>
    public int StreamReads => Volatile.Read(ref _streamReads);

    /// <summary>Completes when the process has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Holds all reads of the log once an event of a type is committed.</summary>
    public StoreHold HoldAfter(string type) => _hold = new StoreHold(type);

    /// <summary>
    /// The process ends at a commit from now on, counted from 1: that commit is written or not, and no other.
    /// </summary>
    public void EndAt(int commit, bool isWritten)
    {
        lock (_lock) (_commits, _endsAt, _isWritten) = (0, commit, isWritten);
    }

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        inner.InitializeAsync(cancellationToken);

    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        bool writes, ends;
        lock (_lock)
        {
            var number = ++_commits;
            ends = number >= _endsAt;
            writes = number < _endsAt || (number == _endsAt && _isWritten);
        }

        // Answers are of a batch of its own: those of a process that has ended come to nobody.
        var own = new AppendBatch(batch.Partition, batch.Timestamp, batch.Appends);
        if (writes) await inner.CommitAsync(own, cancellationToken);
        if (ends)
        {
            _ended.TrySetResult();
            throw Gone();
        }

        if (_hold is { } hold && batch.Appends.Any(one => one.Events.Any(happened => happened.Type == hold.Type)))
            hold.Close();
        for (var at = 0; at < own.Results.Count; at++) batch.SetResult(at, own.Results[at]);
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        _ended.Task.IsCompleted ? throw Gone() : inner.ReadHeadAsync(stream, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _streamReads);
        return _ended.Task.IsCompleted ? throw Gone() : inner.ReadStreamAsync(stream, after, cancellationToken);
    }

    public async ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (_hold is { } hold) await hold.PassAsync(cancellationToken);
        if (_ended.Task.IsCompleted) throw Gone();
        return await inner.ReadLogAsync(after, filter, limit, cancellationToken);
    }

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        inner.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        inner.ScrubAsync(eventsMax, cancellationToken);

    private static StoreUnavailableException Gone() => new("The process has ended.");
}

/// <summary>Holds the reads of the log from an event on, until it is opened.</summary>
internal sealed class StoreHold(string type)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Type => type;

    public Task Reached => _reached.Task;

    public void Open() => _opened.TrySetResult();

    public void Close() => _reached.TrySetResult();

    public Task PassAsync(CancellationToken cancellationToken) =>
        _reached.Task.IsCompleted ? _opened.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
}
