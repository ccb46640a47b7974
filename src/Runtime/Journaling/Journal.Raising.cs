namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    private int _unconfirmedEvents;

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
            _services.Options.UnconfirmedEventsMax, _unconfirmedEvents + entries.Length, "queue of unconfirmed events",
            "Await ConfirmEvents before raising more.");

        var submission = Encode(entries, conditional, extra);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.BatchSizeMax, submission.Size, "range of events", "Raise fewer events at once.");

        FoldTentative(submission);
        Keep(submission);
        NotifyChanged(tentative: true, confirmed: false);
        if (_gathered is null) Wake();
        return submission.Promise?.Task ?? Landed;
    }

    private static Task<bool> Landed { get; } = Task.FromResult(true);

    private Submission<TEntry> Encode(
        TEntry[] entries, bool conditional, IEnumerable<KeyValuePair<string, string>>? extra)
    {
        var metadata = _services.Metadata.Capture();
        if (extra is not null) metadata = metadata.With(extra);
        var events = new NewEvent[entries.Length];
        var isShareable = true;
        for (var at = 0; at < entries.Length; at++)
        {
            events[at] = _codec.Encode(entries[at], metadata);
            isShareable &= _codec.IsShareable(entries[at]);
        }

        return new Submission<TEntry>(entries, events, isShareable)
        {
            Promise = conditional ? NewPromise() : null,
            RaisedAt = _stats is null ? 0 : _services.Time.GetTimestamp(),
        };
    }

    private void Keep(Submission<TEntry> submission)
    {
        (_gathered ?? _pending).Add(submission);
        _unconfirmedEvents += submission.Events.Count;
    }

    // An event that cannot be applied is never stored. What it left half-done goes with the tentative state.
    private void FoldTentative(Submission<TEntry> submission)
    {
        var view = _tentative ??= FoldPending();
        for (var at = 0; at < submission.Entries.Count; at++)
        {
            try
            {
                Apply(view, submission.Entries[at]);
            }
            catch (Exception fault)
            {
                _tentative = null;
                if (_gathered is not null) _tentative = FoldGathered();
                throw new EventNotApplicableException(Stream, submission.Events[at].Type, fault);
            }
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
            throw new EventsNotConfirmedException(
                Stream, failure.Version, failure.Events, "an earlier append failed.", failure.InnerException);
    }

    // Completed in a turn of the grain, and last in it: whoever waits goes on at once, in that turn.
    private static TaskCompletionSource<bool> NewPromise() => new();
}
