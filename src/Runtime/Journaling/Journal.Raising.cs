namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    private int _unconfirmedEvents;

    public void Submit(TEntry entry)
    {
        Count("SubmitCalled");
        Raise(entry, conditional: false);
    }

    public void SubmitRange(IEnumerable<TEntry> entries)
    {
        Count("SubmitRangeCalled");
        Raise(entries.ToArray(), conditional: false);
    }

    public Task<bool> TryAppend(TEntry entry)
    {
        Count("TryAppendCalled");
        return Raise(entry, conditional: true);
    }

    public Task<bool> TryAppendRange(IEnumerable<TEntry> entries)
    {
        Count("TryAppendRangeCalled");
        return Raise(entries.ToArray(), conditional: true);
    }

    public void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata) =>
        Raise((TEntry)@event, conditional: false, metadata);

    private Task<bool> Raise(TEntry[] entries, bool conditional)
    {
        if (entries.Length == 1) return Raise(entries[0], conditional);
        ThrowIfFailed();
        if (entries.Length == 0) return Landed;
        ThrowIfTooMany(entries.Length);
        var metadata = _services.Metadata.Capture();
        var (events, isShareable) = (new NewEvent[entries.Length], true);
        for (var at = 0; at < entries.Length; at++)
        {
            events[at] = _codec.Encode(entries[at], metadata);
            isShareable &= _codec.IsShareable(entries[at]);
        }

        return Take(_services.Submissions.Rent().For(entries, events, isShareable, conditional));
    }

    private Task<bool> Raise(
        TEntry entry, bool conditional, IEnumerable<KeyValuePair<string, string>>? extra = null)
    {
        ThrowIfFailed();
        ThrowIfTooMany(1);
        var metadata = _services.Metadata.Capture();
        if (extra is not null) metadata = metadata.With(extra);
        var submission = _services.Submissions.Rent();
        var @event = _codec is EventCodec<TEntry> codec
            ? codec.Encode(entry, metadata, submission.Buffer)
            : _codec.Encode(entry, metadata);
        return Take(submission.For(entry, @event, _codec.IsShareable(entry), conditional));
    }

    private Task<bool> Take(Submission submission)
    {
        LimitExceededException.ThrowIfOver(
            GranaryLimits.BatchSizeMax, submission.Size, "range of events", "Raise fewer events at once.");
        FoldTentative(submission);
        if (submission.IsConditional && !_isGathering) submission.Promise = NewPromise();
        if (_stats is not null) submission.RaisedAt = _services.Time.GetTimestamp();
        if (_isGathering) _gathered.Add(submission);
        else _pending.Add(submission);
        _unconfirmedEvents += submission.Count;
        NotifyChanged(tentative: true, confirmed: false);
        if (!_isGathering) Wake();
        return submission.Promise?.Task ?? Landed;
    }

    private static Task<bool> Landed { get; } = Task.FromResult(true);

    private void ThrowIfTooMany(int more) => LimitExceededException.ThrowIfOver(
        _services.Options.UnconfirmedEventsMax, _unconfirmedEvents + more, "queue of unconfirmed events",
        "Await ConfirmEvents before raising more.");

    // An event that cannot be applied is never stored. What it left half-done goes with the tentative state.
    private void FoldTentative(Submission submission)
    {
        var view = _tentative ??= FoldPending();
        for (var at = 0; at < submission.EntryCount; at++)
        {
            try
            {
                Apply(view, (TEntry)submission.EntryAt(at));
            }
            catch (Exception fault)
            {
                _tentative = null;
                if (_isGathering) _tentative = FoldGathered();
                throw new EventNotApplicableException(Stream, submission[at].Type, fault);
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
