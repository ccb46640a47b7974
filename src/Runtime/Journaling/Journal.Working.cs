namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    // The append that is on its way: how many submissions it holds, and how many refreshes it answers as well.
    private int _onItsWayCount;
    private long _onItsWayRefreshes;
    private PendingAppend? _answered;

    private bool HasWork => _pending.Count > 0 || _clears is { Count: > 0 } || _refreshesDone < _refreshesWanted;

    private bool IsClearDue => _clears is { Count: > 0 } && _clears.Peek().Behind <= _settled;

    // What every command does takes no task: one append goes out, and its answer calls back in a turn of the grain.
    private void Work()
    {
        try
        {
            if (_failure is null && HasWork)
            {
                if (IsClearDue || _pending.Count == 0) WithoutFlow(static journal => _ = journal.WorkOnAsync(null));
                else _services.Appender.Send(Prepare(), this);
                return;
            }
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        _running = false;
    }

    private Append Prepare()
    {
        _onItsWayCount = CountOfNextAppend();
        _onItsWayRefreshes = _refreshesWanted;
        return new Append(
            Stream, ExpectedVersion.Exactly(Version, _position.Position), AppendId.New(_services.Time),
            EventsOf(_onItsWayCount));
    }

    /// <summary>
    /// On the writer's thread: the answer is taken up in a turn of the grain. Where somebody waits for just this, the
    /// turn is the task that he waits for.
    /// </summary>
    public void OnAnswered(PendingAppend answered)
    {
        _answered = answered;
        if (answered.HasLanded && _confirmation is { } confirmation) _context.Scheduler.QueueTask(confirmation);
        else _context.Scheduler.QueueAction(static journal => ((Journal<TView, TEntry>)journal).TakeUpAnswer(), this);
    }

    private void TakeUpAnswer()
    {
        var answered = _answered!;
        _answered = null;
        try
        {
            if (!TryConfirm(answered)) return;
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        Work();
    }

    // False where more has to be done first than to confirm; then that goes on by itself.
    private bool TryConfirm(PendingAppend answered)
    {
        var append = answered.Append;
        try
        {
            var result = answered.Take();
            Succeeded();
            if (result.Outcome != AppendOutcome.Conflict)
            {
                Confirm(result, atFirst: true);
                CompleteWaiters();
                return true;
            }

            Settle(append, result, null);
        }
        catch (StoreUnavailableException fault)
        {
            Settle(append, default, fault);
        }

        return false;
    }

    // Apart from the common case, which is not to pay for what a lambda captures.
    private void Settle(Append append, AppendResult result, StoreUnavailableException? fault) => WithoutFlow(
        journal => _ = journal.WorkOnAsync(
            fault is null ? journal.SettleAsync(result) : journal.SettleFaultAsync(append, fault)));

    // What is rare: a lost race, a store that is away, a refresh, a clearing.
    private async Task WorkOnAsync(Task? first)
    {
        try
        {
            // In a later turn: a store that answers at once must not clear what this turn still decides on.
            if (first is null) await Task.Yield();
            else await first;
            Conclude(new Verdict(Landed: true, Fault: null));
            CompleteWaiters();
            while (_failure is null && HasWork && (IsClearDue || _pending.Count == 0))
            {
                if (IsClearDue) await ClearAsync(_clears!.Dequeue());
                else await RefreshAsync();
                CompleteWaiters();
            }
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        Work();
    }

    private async Task SettleFaultAsync(Append append, StoreUnavailableException fault) =>
        await SettleAsync(await RecoverAsync(fault, token => _services.Appender.AppendAsync(append, token)));

    private async Task SettleAsync(AppendResult result)
    {
        for (var lost = 0; result.Outcome == AppendOutcome.Conflict; lost++)
        {
            Count("WritebackEvents");
            if (lost >= _services.Options.ConflictsMax)
                throw new WrongExpectedVersionException(Stream, ExpectedVersion.Exactly(Version), result.Version);
            _services.Logger.LostRace(Stream, result.Version.Value);
            await ReadBehindAsync();
            DropConditional();
            if (CountOfNextAppend() == 0) return;
            var append = Prepare();
            result = await RetriedAsync(token => _services.Appender.AppendAsync(append, token));
        }

        Confirm(result, atFirst: false);
    }

    // As many whole submissions as one append may hold, and none that was raised behind a wish to clear.
    private int CountOfNextAppend()
    {
        var most = _clears is { Count: > 0 } ? _clears.Peek().Behind - _settled : long.MaxValue;
        var (size, count) = (0L, 0);
        for (var next = _pending.First; next is not null && count < most; next = next.Next)
        {
            size += next.Size;
            if (count > 0 && size > GranaryLimits.BatchSizeMax) break;
            count++;
        }

        return count;
    }

    private IReadOnlyList<NewEvent> EventsOf(int count)
    {
        var submission = _pending.First!;
        if (count == 1) return submission;
        var events = new List<NewEvent>();
        for (var at = 0; at < count; at++, submission = submission.Next!) events.AddRange(submission);
        return events;
    }

    /// <param name="result">The store's answer.</param>
    /// <param name="atFirst">
    /// Whether the store answered the only time it was asked: then nothing looks at the events any more.
    /// </param>
    private void Confirm(AppendResult result, bool atFirst)
    {
        Count("WritebackEvents");
        _refreshesDone = _onItsWayRefreshes;
        var submission = _pending.First!;
        for (var at = 0; at < _onItsWayCount; at++, submission = submission.Next!) FoldConfirmed(submission);

        _version = result.Version.Value;
        _position = result.Position;
        if (result.Timestamp > _latest) _latest = result.Timestamp;
        var landed = _pending.Take(_onItsWayCount);
        _settled += landed.Count;
        NotifyChanged(tentative: false, confirmed: true);
        SnapshotIfDue();
        while (landed.Count > 0)
        {
            var one = landed.TakeFirst();
            CountLatency(one);
            one.Promise?.TrySetResult(true);
            if (!atFirst) continue;
            one.Clear();
            _services.Submissions.Return(one);
        }
    }

    private void FoldConfirmed(Submission submission)
    {
        FoldAgain(_confirmed, submission);
        _version += submission.Count;
        _eventsSinceSnapshot += submission.Count;
        _unconfirmedEvents -= submission.Count;
        if (_commandHost is null) return;
        for (var at = 0; at < submission.Count; at++) _commandHost.Commands.Learn(submission[at].Metadata);
    }

    // A conditional submission is true only where nobody came between; what stands behind one that failed moved too.
    private void DropConditional()
    {
        var dropped = _pending.TakeConditional();
        _settled += dropped.Count;
        for (var one = dropped.First; one is not null; one = one.Next) _unconfirmedEvents -= one.Count;
        _tentative = null;
        if (_pending.Count > 0) _tentative = FoldPending();
        NotifyChanged(tentative: true, confirmed: true);
        while (dropped.Count > 0)
        {
            if (dropped.TakeFirst().Promise is { } promise) promise.TrySetResult(false);
            else Conclude(new Verdict(Landed: false, Fault: null));
        }
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
            await RetriedAsync(token => _services.Appender.AppendAsync(append, token));
        }
        catch (Exception fault)
        {
            request.Done.TrySetException(fault);
            throw;
        }

        ResetToStart();
        DropConditional();
        request.Done.TrySetResult(true);
    }
}
