namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    private List<Waiter>? _waiters;
    private Queue<ClearRequest>? _clears;
    private bool _running;
    private int _woken;
    private long _settled;
    private long _refreshesWanted;
    private long _refreshesDone;

    public Task Synchronize()
    {
        Count("SynchronizeNowCalled");
        ThrowIfFailed();
        if (_isFresh && !HasWork) return Task.CompletedTask;
        _refreshesWanted++;
        var refreshed = WaitAsync();
        StartNow();
        return refreshed;
    }

    /// <summary>
    /// Clears the stream. What was raised before is written first, so that it is confirmed honestly, and then goes with
    /// the rest; conditional events that were decided on the old life are given up.
    /// </summary>
    public Task ClearLogAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ClearRequest(_settled + _pending.Count, NewPromise(), cancellationToken);
        (_clears ??= new Queue<ClearRequest>()).Enqueue(request);
        StartNow();
        return request.Done.Task;
    }

    private Task WaitAsync()
    {
        var (settled, refreshes) = (_settled + _pending.Count, _refreshesWanted);
        _waiters ??= new List<Waiter>(1);
        if (_waiters.Count > 0 && _waiters[^1] is var last && last.Settled == settled && last.Refreshes == refreshes)
            return last.Done.Task;
        var waiter = new Waiter(settled, refreshes, NewPromise());
        _waiters.Add(waiter);
        return waiter.Done.Task;
    }

    private async Task DrainAsync()
    {
        StartNow();
        if (_running) await WaitAsync();
    }

    // What nobody waits for yet goes out in a later turn, together with what else this turn raises. Usually it is
    // confirmed in this one, and when the pool comes by nothing is left to do: that turn is never queued.
    private void Wake()
    {
        if (_running || _failure is not null || Interlocked.Exchange(ref _woken, 1) != 0) return;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>
    /// On a thread of the pool. In this order: who raises afterwards calls again, and what was raised before is seen.
    /// </summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _woken, 0);
        if (Volatile.Read(ref _running)) return;
        _context.Scheduler.QueueAction(static journal => ((Journal<TView, TEntry>)journal).StartNow(), this);
    }

    // Nothing completes before this returns: an append is answered in a later turn.
    private void StartNow()
    {
        if (_running || _failure is not null || !HasWork) return;
        _running = true;
        Work();
    }

    // What outlives the request that started it must not carry its context along.
    private void WithoutFlow(Action<Journal<TView, TEntry>> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            start(this);
            return;
        }

        ExecutionContext.SuppressFlow();
        try
        {
            start(this);
        }
        finally
        {
            ExecutionContext.RestoreFlow();
        }
    }

    // Those who wait go on inside this call, and may raise and wait again.
    private void CompleteWaiters()
    {
        for (var at = 0; at < (_waiters?.Count ?? 0);)
        {
            var waiter = _waiters![at];
            if (waiter.Settled > _settled || waiter.Refreshes > _refreshesDone)
            {
                at++;
                continue;
            }

            _waiters.RemoveAt(at);
            if (_waiters.Count == 0) _waiters = null;
            waiter.Done.TrySetResult(true);
            at = 0;
        }
    }

    // Nothing that was not confirmed may look confirmed: everybody who waits hears it, and the activation ends.
    private Exception Fail(Exception fault)
    {
        var events = _unconfirmedEvents;
        var failure = new EventsNotConfirmedException(Stream, Version, events, fault.Message, fault);
        _failure = failure;
        if (events > 0) _services.Logger.EventsNotConfirmed(failure, Stream, events, _version);
        else Protocol.CaughtException(nameof(Journal<,>), fault);

        var waiting = (_waiters ?? []).Select(static one => one.Done)
            .Concat((_clears ?? []).Select(static one => one.Done))
            .Concat(_pending.ToList().Select(static one => one.Promise).OfType<TaskCompletionSource<bool>>())
            .ToArray();
        _waiters = null;
        _clears?.Clear();
        _pending = default;
        _unconfirmedEvents = 0;
        _tentative = null;
        _context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, fault, failure.Message));
        var told = events > 0 ? failure : fault;
        Conclude(new Verdict(Landed: false, told));
        foreach (var promise in waiting) promise.TrySetException(told);
        return told;
    }

    private readonly record struct Waiter(long Settled, long Refreshes, TaskCompletionSource<bool> Done);

    /// <summary>A wish to clear the stream behind what was raised until then.</summary>
    private readonly record struct ClearRequest(long Behind, TaskCompletionSource<bool> Done, CancellationToken Token);
}
