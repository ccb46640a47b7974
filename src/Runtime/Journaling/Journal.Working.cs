namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    private readonly List<Waiter> _waiters = [];
    private readonly Queue<ClearRequest> _clears = new();
    private bool _running;
    private long _settled;
    private long _refreshesWanted;
    private long _refreshesDone;

    public Task ConfirmSubmittedEntries()
    {
        Count("ConfirmSubmittedEntriesCalled");
        ThrowIfFailed();
        return _pending.Count == 0 ? Task.CompletedTask : WaitAsync();
    }

    public Task Synchronize()
    {
        Count("SynchronizeNowCalled");
        ThrowIfFailed();
        _refreshesWanted++;
        Wake();
        return WaitAsync();
    }

    public Task ClearLogAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ClearRequest(NewPromise(), cancellationToken);
        _clears.Enqueue(request);
        Wake();
        return request.Done.Task;
    }

    private Task WaitAsync()
    {
        var waiter = new Waiter(_settled + _pending.Count, _refreshesWanted, NewPromise());
        _waiters.Add(waiter);
        return waiter.Done.Task;
    }

    private async Task DrainAsync()
    {
        if (_running) await WaitAsync();
    }

    // The worker starts in a turn of its own: what a turn raises goes out together, and nothing completes inside
    // Submit.
    private void Wake()
    {
        if (_running || _failure is not null) return;
        _running = true;
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = Task.Factory.StartNew(WorkAsync, CancellationToken.None, TaskCreationOptions.None,
                TaskScheduler.Current);
            return;
        }

        // The worker outlives the request that woke it and must not carry its context along.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Factory.StartNew(WorkAsync, CancellationToken.None, TaskCreationOptions.None,
                TaskScheduler.Current);
    }

    private async Task WorkAsync()
    {
        try
        {
            while (_failure is null && HasWork)
            {
                if (_clears.TryDequeue(out var clear)) await ClearAsync(clear);
                else if (_pending.Count > 0) await WritePendingAsync();
                else await RefreshAsync();
                CompleteWaiters();
            }
        }
        catch (Exception fault)
        {
            Fail(fault);
        }
        finally
        {
            _running = false;
        }
    }

    private bool HasWork => _clears.Count > 0 || _pending.Count > 0 || _refreshesDone < _refreshesWanted;

    private async Task WritePendingAsync()
    {
        var wanted = _refreshesWanted;
        for (var lost = 0; _pending.Count > 0; lost++)
        {
            var count = TakePrefix(out var events);
            var append = new Append(
                Stream, ExpectedVersion.Exactly(Version, _position.Position), AppendId.New(_services.Time), events);
            var result = await _retry.RunAsync(
                token => _services.Appender.AppendAsync(append, token), CancellationToken.None);
            Count("WritebackEvents");
            if (result.Outcome != AppendOutcome.Conflict)
            {
                _refreshesDone = wanted;
                Confirm(count, result);
                return;
            }

            if (lost >= _services.Options.ConflictsMax)
                throw new WrongExpectedVersionException(Stream, append.Expected, result.Version);
            _services.Logger.LostRace(Stream, result.Version.Value);
            await ReadBehindAsync();
            DropConditional();
            NotifyChanged(tentative: true, confirmed: true);
        }
    }

    // As many whole submissions as one append may hold.
    private int TakePrefix(out IReadOnlyList<NewEvent> events)
    {
        if (_pending.Count == 1)
        {
            events = _pending[0].Events;
            return 1;
        }

        var size = 0L;
        var count = 0;
        var taken = new List<NewEvent>();
        foreach (var submission in _pending)
        {
            size += submission.Size;
            if (count > 0 && size > GranaryLimits.BatchSizeMax) break;
            taken.AddRange(submission.Events);
            count++;
        }

        events = taken;
        return count;
    }

    private void Confirm(int count, AppendResult result)
    {
        for (var at = 0; at < count; at++)
        {
            foreach (var entry in _pending[at].Entries) _host.UpdateView(_confirmed, entry);
            foreach (var @event in _pending[at].Events)
            {
                _eventsSinceSnapshot++;
                _commandHost?.Commands.Learn(@event.Metadata);
            }
        }

        _version = result.Version.Value;
        _position = result.Position;
        if (result.Timestamp > _latest) _latest = result.Timestamp;
        var confirmed = _pending.GetRange(0, count);
        _pending.RemoveRange(0, count);
        _settled += count;
        NotifyChanged(tentative: false, confirmed: true);
        foreach (var submission in confirmed)
        {
            CountLatency(submission);
            submission.Promise?.TrySetResult(true);
        }

        SnapshotIfDue();
    }

    // A conditional submission is true only where nobody came between; what stands behind one that failed moved too.
    private void DropConditional()
    {
        var dropped = _pending.FindAll(static one => one.Promise is not null);
        _pending.RemoveAll(static one => one.Promise is not null);
        _settled += dropped.Count;
        _tentative = null;
        if (_pending.Count > 0) _tentative = FoldPending();
        foreach (var submission in dropped) submission.Promise!.TrySetResult(false);
    }

    private async Task ClearAsync(ClearRequest request)
    {
        if (request.Token.IsCancellationRequested)
        {
            request.Done.TrySetCanceled(request.Token);
            return;
        }

        try
        {
            var append = Append.Clear(Stream, ExpectedVersion.Any, AppendId.New(_services.Time));
            await _retry.RunAsync(token => _services.Appender.AppendAsync(append, token), CancellationToken.None);
        }
        catch (Exception fault)
        {
            request.Done.TrySetException(fault);
            throw;
        }

        var dropped = _pending.ToArray();
        _pending.Clear();
        _settled += dropped.Length;
        ResetToStart();
        NotifyChanged(tentative: true, confirmed: true);
        foreach (var submission in dropped) submission.Promise?.TrySetResult(false);
        request.Done.TrySetResult(true);
    }

    private void CompleteWaiters()
    {
        for (var at = _waiters.Count - 1; at >= 0; at--)
        {
            var waiter = _waiters[at];
            if (waiter.Settled > _settled || waiter.Refreshes > _refreshesDone) continue;
            _waiters.RemoveAt(at);
            waiter.Done.TrySetResult(true);
        }
    }

    // Nothing that was not confirmed may look confirmed: everybody who waits hears it, and the activation ends.
    private void Fail(Exception fault)
    {
        var events = UnconfirmedCount;
        var failure = new EventsNotConfirmedException(Stream, Version, events, fault.Message, fault);
        _failure = failure;
        if (events > 0) _services.Logger.EventsNotConfirmed(failure, Stream, events, _version);
        else _protocol.CaughtException(nameof(Journal<,>), fault);

        var waiting = _waiters.Select(static one => one.Done)
            .Concat(_clears.Select(static one => one.Done))
            .Concat(_pending.Where(static one => one.Promise is not null).Select(static one => one.Promise!))
            .ToArray();
        _waiters.Clear();
        _clears.Clear();
        _pending.Clear();
        _tentative = null;
        foreach (var promise in waiting) promise.TrySetException(events > 0 ? failure : fault);
        _context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, fault, failure.Message));
    }

    private readonly record struct Waiter(long Settled, long Refreshes, TaskCompletionSource<bool> Done);

    private readonly record struct ClearRequest(TaskCompletionSource<bool> Done, CancellationToken Token);
}
