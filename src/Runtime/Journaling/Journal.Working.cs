using System.Runtime.CompilerServices;

namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    // The append that is on its way, how many submissions it holds, and how many refreshes it answers as well.
    private Append? _onItsWay;
    private int _onItsWayCount;
    private long _onItsWayRefreshes;
    private ValueTaskAwaiter<AppendResult> _answer;
    private Action? _answered;

    private bool HasWork => _pending.Count > 0 || _clears is { Count: > 0 } || _refreshesDone < _refreshesWanted;

    private bool IsClearDue => _clears is { Count: > 0 } && _clears.Peek().Behind <= _settled;

    // What every command does takes no task: one append goes out, and its answer calls back in a turn of the grain.
    private void Work()
    {
        try
        {
            while (_failure is null && HasWork)
            {
                if (IsClearDue || _pending.Count == 0)
                {
                    WithoutFlow(static journal => _ = journal.WorkOnAsync(null));
                    return;
                }

                _answer = _services.Appender.AppendAsync(Prepare(), CancellationToken.None).GetAwaiter();
                if (!_answer.IsCompleted)
                {
                    _answer.UnsafeOnCompleted(_answered ??= OnAnswered);
                    return;
                }

                if (!TakeAnswer()) return;
            }
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        _running = false;
    }

    private void OnAnswered()
    {
        try
        {
            if (!TakeAnswer()) return;
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        Work();
    }

    private Append Prepare()
    {
        _onItsWayCount = TakePrefix();
        _onItsWayRefreshes = _refreshesWanted;
        return _onItsWay = new Append(
            Stream, ExpectedVersion.Exactly(Version, _position.Position), AppendId.New(_services.Time),
            EventsOf(_onItsWayCount));
    }

    // False where more has to be done first than to confirm; then that goes on by itself.
    private bool TakeAnswer()
    {
        try
        {
            var result = _answer.GetResult();
            _retry?.Succeeded();
            if (result.Outcome != AppendOutcome.Conflict)
            {
                Confirm(result);
                CompleteWaiters();
                return true;
            }

            Settle(result, null);
        }
        catch (StoreUnavailableException fault)
        {
            Settle(default, fault);
        }

        return false;
    }

    // Apart from the common case, which is not to pay for what a lambda captures.
    private void Settle(AppendResult result, StoreUnavailableException? fault) => WithoutFlow(journal =>
        _ = journal.WorkOnAsync(fault is null ? journal.SettleAsync(result) : journal.SettleFaultAsync(fault)));

    // What is rare: a lost race, a store that is away, a refresh, a clearing.
    private async Task WorkOnAsync(Task? first)
    {
        try
        {
            if (first is not null) await first;
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

    private async Task SettleFaultAsync(StoreUnavailableException fault)
    {
        var append = _onItsWay!;
        await SettleAsync(await Retry.RecoverAsync(
            fault, token => _services.Appender.AppendAsync(append, token), CancellationToken.None));
    }

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
            if (TakePrefix() == 0) return;
            var append = Prepare();
            result = await Retry.RunAsync(
                token => _services.Appender.AppendAsync(append, token), CancellationToken.None);
        }

        Confirm(result);
    }

    // As many whole submissions as one append may hold, and none that was raised behind a wish to clear.
    private int TakePrefix()
    {
        var most = _clears is { Count: > 0 } ? _clears.Peek().Behind - _settled : long.MaxValue;
        var size = 0L;
        var count = 0;
        while (count < _pending.Count && count < most)
        {
            size += _pending[count].Size;
            if (count > 0 && size > GranaryLimits.BatchSizeMax) break;
            count++;
        }

        return count;
    }

    private IReadOnlyList<NewEvent> EventsOf(int count)
    {
        if (count == 1) return _pending[0].Events;
        var events = new List<NewEvent>();
        for (var at = 0; at < count; at++) events.AddRange(_pending[at].Events);
        return events;
    }

    private void Confirm(AppendResult result)
    {
        Count("WritebackEvents");
        _refreshesDone = _onItsWayRefreshes;
        _onItsWay = null;
        var count = _onItsWayCount;
        var landed = new Submission<TEntry>[count];
        _pending.CopyTo(0, landed, 0, count);
        foreach (var submission in landed)
        {
            FoldAgain(_confirmed, submission);
            _version += submission.Events.Count;
            _eventsSinceSnapshot += submission.Events.Count;
            _unconfirmedEvents -= submission.Events.Count;
            if (_commandHost is not null)
            {
                foreach (var @event in submission.Events) _commandHost.Commands.Learn(@event.Metadata);
            }
        }

        _version = result.Version.Value;
        _position = result.Position;
        if (result.Timestamp > _latest) _latest = result.Timestamp;
        _pending.RemoveRange(0, count);
        _settled += count;
        NotifyChanged(tentative: false, confirmed: true);
        SnapshotIfDue();
        foreach (var submission in landed)
        {
            CountLatency(submission);
            submission.Promise?.TrySetResult(true);
        }
    }

    // A conditional submission is true only where nobody came between; what stands behind one that failed moved too.
    private void DropConditional()
    {
        var dropped = _pending.FindAll(static one => one.Promise is not null);
        _pending.RemoveAll(static one => one.Promise is not null);
        _settled += dropped.Count;
        foreach (var submission in dropped) _unconfirmedEvents -= submission.Events.Count;
        _tentative = null;
        if (_pending.Count > 0) _tentative = FoldPending();
        NotifyChanged(tentative: true, confirmed: true);
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
            await Retry.RunAsync(token => _services.Appender.AppendAsync(append, token), CancellationToken.None);
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
