using System.Runtime.CompilerServices;

namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WorkAsync()
    {
        try
        {
            while (_failure is null && HasWork)
            {
                if (_clears is { Count: > 0 } && _clears.Peek().Behind <= _settled) await ClearAsync(_clears.Dequeue());
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WritePendingAsync()
    {
        var wanted = _refreshesWanted;
        for (var lost = 0; TakePrefix() is var count && count > 0; lost++)
        {
            var append = new Append(
                Stream, ExpectedVersion.Exactly(Version, _position.Position), AppendId.New(_services.Time),
                EventsOf(count));
            AppendResult result;
            try
            {
                result = await _services.Appender.AppendAsync(append, CancellationToken.None);
                _retry.Succeeded();
            }
            catch (StoreUnavailableException fault)
            {
                result = await AppendAgainAsync(append, fault);
            }

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
        }
    }

    private Task<AppendResult> AppendAgainAsync(Append append, StoreUnavailableException fault) => _retry.RecoverAsync(
        fault, token => _services.Appender.AppendAsync(append, token), CancellationToken.None);

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

    private void Confirm(int count, AppendResult result)
    {
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
            await _retry.RunAsync(token => _services.Appender.AppendAsync(append, token), CancellationToken.None);
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
