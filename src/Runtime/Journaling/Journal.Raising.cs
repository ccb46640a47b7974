namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    public void Submit(TEntry entry)
    {
        Count("SubmitCalled");
        Raise([entry], conditional: false);
    }

    public void SubmitRange(IEnumerable<TEntry> entries)
    {
        Count("SubmitRangeCalled");
        Raise(entries.ToArray(), conditional: false);
    }

    public Task<bool> TryAppend(TEntry entry)
    {
        Count("TryAppendCalled");
        return Raise([entry], conditional: true);
    }

    public Task<bool> TryAppendRange(IEnumerable<TEntry> entries)
    {
        Count("TryAppendRangeCalled");
        return Raise(entries.ToArray(), conditional: true);
    }

    public void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata) =>
        Raise([(TEntry)@event], conditional: false, metadata);

    private Task<bool> Raise(
        TEntry[] entries, bool conditional, IEnumerable<KeyValuePair<string, string>>? extra = null)
    {
        ThrowIfFailed();
        if (entries.Length == 0) return Task.FromResult(true);
        LimitExceededException.ThrowIfOver(
            _services.Options.UnconfirmedEventsMax, UnconfirmedCount + entries.Length, "queue of unconfirmed events",
            "Await ConfirmEvents before raising more.");

        var metadata = _services.Metadata.Capture();
        if (extra is not null) metadata = metadata.With(extra);
        var events = new NewEvent[entries.Length];
        for (var at = 0; at < entries.Length; at++) events[at] = _codec.Encode(entries[at], metadata);

        var promise = conditional ? NewPromise() : null;
        var submission = new Submission<TEntry>(entries, events, promise, _services.Time.GetTimestamp());
        LimitExceededException.ThrowIfOver(
            GranaryLimits.BatchSizeMax, submission.Size, "range of events", "Raise fewer events at once.");

        FoldTentative(entries, events);
        (_gathered ?? _pending).Add(submission);
        NotifyChanged(tentative: true, confirmed: false);
        if (_gathered is null) Wake();
        return promise?.Task ?? Task.FromResult(true);
    }

    private int UnconfirmedCount =>
        _pending.Sum(static one => one.Events.Count) + (_gathered?.Sum(static one => one.Events.Count) ?? 0);

    // An event that cannot be applied is never stored. What it left half-done goes with the tentative state.
    private void FoldTentative(TEntry[] entries, NewEvent[] events)
    {
        var view = _tentative ??= FoldPending();
        for (var at = 0; at < entries.Length; at++)
        {
            try
            {
                _host.UpdateView(view, entries[at]);
            }
            catch (Exception fault)
            {
                _tentative = null;
                if (_gathered is not null) _tentative = FoldGathered();
                throw new EventNotApplicableException(Stream, events[at].Type, fault);
            }
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
            throw new EventsNotConfirmedException(
                Stream, failure.Version, failure.Events, "an earlier append failed.", failure.InnerException);
    }

    private static TaskCompletionSource<bool> NewPromise() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
