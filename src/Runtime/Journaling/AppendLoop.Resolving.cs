namespace Granary.Runtime;

/// <remarks>
/// How submissions leave the queue: they land, they are dropped, or the loop fails. And what is rare: a store that is
/// unavailable, a lost race, a refresh, a clearing.
/// </remarks>
internal sealed partial class AppendLoop
{
    /// <summary>The append in flight is stored: confirms its submissions and completes their promises.</summary>
    /// <param name="result">The store's answer.</param>
    /// <param name="atFirst">
    /// Whether the store answered the first call: then the events are not read any more, and their memory is used
    /// again.
    /// </param>
    /// <returns>Why what is stored cannot be applied to the state; the loop has failed then. Else null.</returns>
    private Exception? Landed(AppendResult result, bool atFirst)
    {
        Statistics?.Count("WritebackEvents");
        _checks?.CompleteSent();
        var landed = _pending.Dequeue(_sentCount);
        Uncount(landed);
        Exception? notApplied = null;
        try
        {
            state.Confirm(landed, result);
        }
        catch (Exception fault)
        {
            notApplied = fault;
            Fail(fault);
        }

        if (notApplied is null)
        {
            state.NotifyChanged(tentative: false, confirmed: true);
            state.SnapshotIfDue();
        }

        while (landed.Count > 0)
        {
            var one = landed.Dequeue();
            Statistics?.CountLatency(Services.Time.GetElapsedTime(one.RaisedAt));
            Complete(one, new ConfirmationResult(Landed: true, Fault: null));
            if (!atFirst || one.Confirmation is not null) continue;
            one.Clear();
            Services.Submissions.Return(one);
        }

        CompleteWaiters();
        return notApplied;
    }

    /// <summary>
    /// The confirmed state moved otherwise than by an append of this loop: drops what was to land only where it was
    /// raised, and folds the rest again. What no longer applies is not stored, and fails the loop.
    /// </summary>
    /// <param name="cleared">A clearing that moved it, whose promise is completed too.</param>
    private void Rebase(ClearRequest? cleared = null)
    {
        Rebases++;
        var dropped = _pending.DequeueConditional();
        Uncount(dropped);
        try
        {
            state.Rebase(_pending);
            state.NotifyChanged(tentative: true, confirmed: true);
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        cleared?.Done.TrySetResult(true);
        while (dropped.Count > 0) Complete(dropped.Dequeue(), new ConfirmationResult(Landed: false, Fault: null));
        CompleteWaiters();
    }

    /// <summary>
    /// Ends the loop and the activation: nothing that was not confirmed may look confirmed, so every waiting call
    /// gets an error. One that waits for what did land gets the fault itself; the others, that their events are not
    /// confirmed.
    /// </summary>
    private void Fail(Exception fault)
    {
        if (_phase == AppendLoopPhase.Failed) return;
        WaitInsteadOfCarrying();
        var (events, through) = (_unconfirmedEvents, ConfirmedThrough);
        var failure = new EventsNotConfirmedException(state.Stream, state.Version, events, fault.Message, fault);
        var (pending, waiters, clears) = (_pending, _waiters?.RemoveAll() ?? [], _clears?.ToArray() ?? []);
        _phase = AppendLoopPhase.Failed;
        _failure = failure;
        (_pending, _unconfirmedEvents, _unconfirmedBytes) = (default, 0, 0);
        _clears?.Clear();
        state.DropTentative();
        if (events > 0) Services.Logger.EventsNotConfirmed(failure, state.Stream, events, state.Version.Value);
        else Services.ProtocolOf(Context).CaughtException(nameof(AppendLoop), fault);

        // Without the exception: with it, Orleans rejects the calls that wait at the grain. So they go to the next
        // activation, which reads what is stored.
        Context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, failure.Message));

        while (pending.Count > 0) Complete(pending.Dequeue(), new ConfirmationResult(Landed: false, failure));
        foreach (var clear in clears) clear.Done.TrySetException(events > 0 ? failure : fault);
        foreach (var waiter in waiters) Complete(waiter, waiter.Through > through ? failure : fault);
    }

    // Runs as one task from the answer, or the request, until nothing of this kind is left.
    private async Task ResolveAsync(Append? append, AppendResult conflict, StoreUnavailableException? fault)
    {
        try
        {
            // In a later turn: a store that answers at once must not clear what this turn still decides on.
            if (append is null) await Task.Yield();
            else await ResolveAppendAsync(append, conflict, fault);
            while (!HasFailed && HasWork && (IsClearDue || _pending.Count == 0))
            {
                if (IsClearDue) await ClearNextAsync();
                else await CheckHeadNowAsync();
            }
        }
        catch (Exception error)
        {
            Fail(error);
        }

        CompleteWaiters();
        RunNext();
    }

    private void StartResolving(Append append, AppendResult conflict, StoreUnavailableException? fault)
    {
        _phase = AppendLoopPhase.Resolving;
        WaitInsteadOfCarrying();
        WithoutFlow(loop => _ = loop.ResolveAsync(append, conflict, fault));
    }

    private async Task ResolveAppendAsync(Append append, AppendResult result, StoreUnavailableException? fault)
    {
        if (fault is not null)
        {
            result = await Retry().RecoverAsync(
                fault, token => Services.Appender.AppendAsync(append, token), OldestRaisedAt);
            ReportRecovery();
        }

        var (loser, lost) = (0L, 0);
        while (result.Outcome == AppendOutcome.Conflict)
        {
            Statistics?.Count("WritebackEvents");
            Services.Logger.LostRace(state.Stream, result.Version.Value);

            // Only what stays in the queue loses again: a conditional submission is decided anew, or is not.
            var first = _pending.First!.Number;
            (loser, lost) = (first, first == loser ? lost + 1 : 1);
            if (lost > Services.Options.ConflictsMax || Services.IsOverdue(OldestRaisedAt))
                throw new WrongExpectedVersionException(state.Stream, append.Expected, result.Version);
            var rebases = Rebases;
            await ReadNewAsync(OldestRaisedAt);
            if (rebases == Rebases) Rebase();
            if (HasFailed || CountOfNextAppend() == 0) return;
            var again = append = PrepareAppend();
            result = await RetryAsync(token => Services.Appender.AppendAsync(again, token), OldestRaisedAt);
        }

        Landed(result, atFirst: false);
    }

    // A store that cannot be read fails the callers of the check. What is pending has its own deadline.
    private async Task CheckHeadNowAsync()
    {
        var checks = _checks!;
        var (done, last) = (checks.Done, checks.Last);
        StoreUnavailableException? fault = null;
        var reads = checks.BeginRead();
        try
        {
            if (reads || !await RetryAsync(state.IsAtHeadAsync, Now)) await ReadNewAsync(Now);
        }
        catch (StoreUnavailableException unavailable)
        {
            fault = unavailable;
        }

        // What fails leaves first: the others are answered where their check is done.
        var failed = fault is null || _waiters is null ? [] : _waiters.RemoveChecking(done, last);
        checks.Done = last;
        foreach (var waiter in failed) Complete(waiter, fault);
        CompleteWaiters();
    }

    // What is read becomes the confirmed state together with what is pending, so that no turn reads the one without the
    // other.
    private ValueTask<bool> ReadNewAsync(long startedAt) =>
        RetryAsync(token => state.ReadNewAsync(() => Rebase(), token), startedAt);

    private async Task ClearNextAsync()
    {
        var request = _clears!.Peek();
        if (request.Token.IsCancellationRequested)
        {
            _clears.Dequeue();
            request.Done.TrySetCanceled(request.Token);
            return;
        }

        // Where this fails, it is not known whether the stream is cleared: that fails the loop, and this promise too.
        var append = Append.Clear(state.Stream, request.Expected, AppendId.New(Services.Time));
        for (var lost = 0; ; lost++)
        {
            var result = await RetryAsync(
                token => Services.Appender.AppendAsync(append, token), request.RequestedAt);
            if (result.Outcome != AppendOutcome.Conflict) break;
            if (request.Expected != ExpectedVersion.Any)
            {
                _clears.Dequeue();
                request.Done.TrySetException(
                    new WrongExpectedVersionException(state.Stream, request.Expected, result.Version));
                return;
            }

            if (lost >= Services.Options.ConflictsMax || Services.IsOverdue(request.RequestedAt))
                throw new WrongExpectedVersionException(state.Stream, append.Expected, result.Version);
        }

        _clears.Dequeue();
        state.Reset();
        Rebase(request);
    }

    // Where the append is not answered by success at once, a confirmation of several submissions waits like the others.
    private void WaitInsteadOfCarrying()
    {
        if (_carrier is not { } carrier) return;
        _carrier = null;
        if (!carrier.IsCommand) (_waiters ??= new AppendWaiters()).Add(carrier);
    }

    private void Uncount(in SubmissionQueue removed)
    {
        for (var one = removed.First; one is not null; one = one.Next)
        {
            _unconfirmedEvents -= one.Count;
            _unconfirmedBytes -= one.Size;
        }
    }

    private void Complete(Submission one, ConfirmationResult result)
    {
        if (one.IsCommand && one.Confirmation is not null) StartConfirmation(one, result);
        if (one.Promise is not { } promise) return;
        if (result.Fault is { } fault) promise.TrySetException(fault);
        else promise.TrySetResult(result.Landed);
    }

    private void Complete(AppendWaiters.Waiter waiter, Exception? fault)
    {
        if (waiter.Carrier is { } carrier) StartConfirmation(carrier, new ConfirmationResult(Landed: true, fault));
        else if (fault is null) waiter.Done!.TrySetResult(true);
        else waiter.Done!.TrySetException(fault);
    }

    private void StartConfirmation(Submission carrier, ConfirmationResult result)
    {
        carrier.Result = result;
        Context.Scheduler.QueueTask(carrier.Confirmation!);
    }

    // Waiting calls continue inside this call, and may raise and wait again: so it searches from the start each time.
    private void CompleteWaiters()
    {
        while (_waiters is not null && _waiters.TryRemoveDone(ConfirmedThrough, _checks?.Done ?? 0, out var waiter))
            Complete(waiter, fault: null);
    }

    private StoreRetry Retry() => _retry ??= new StoreRetry(Services, state.Listener, Services.ProtocolOf(Context));

    private void ReportRecovery()
    {
        if (_retry is not { } retry) return;
        _retry = null;
        retry.ReportRecovery();
    }

    // What runs longer than the request that started it must not keep the request's context.
    private void WithoutFlow(Action<AppendLoop> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            start(this);
            return;
        }

        using (ExecutionContext.SuppressFlow()) start(this);
    }
}
