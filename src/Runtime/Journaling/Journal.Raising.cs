namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    private const string RangeOfEvents = "range of events";

    private static Task<bool> Landed { get; } = Task.FromResult(true);

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
        ThrowIfDeciding();
        return Raise(entry, conditional: true);
    }

    public Task<bool> TryAppendRange(IEnumerable<TEntry> entries)
    {
        Count("TryAppendRangeCalled");
        ThrowIfDeciding();
        return Raise(entries.ToArray(), conditional: true);
    }

    public void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata) =>
        Raise((TEntry)@event, conditional: false, metadata);

    private Task<bool> Raise(TEntry[] entries, bool conditional)
    {
        if (entries.Length == 1) return Raise(entries[0], conditional);
        _loop.ThrowIfFailed();
        if (entries.Length == 0) return Landed;
        Services.Limits.ThrowIfOver(entries.Length, RangeOfEvents);
        ThrowIfFull(entries.Length, moreBytes: 0);
        var metadata = Services.Metadata.Capture();
        var (events, isShareable) = (new NewEvent[entries.Length], true);
        for (var at = 0; at < entries.Length; at++)
        {
            var entry = entries[at];
            events[at] = Encode(ref entry, metadata, new PayloadBuffer(), out var isThisShareable);
            entries[at] = entry;
            isShareable &= isThisShareable;
        }

        return Add(Services.Submissions.Rent().For(entries, events, isShareable, conditional));
    }

    private Task<bool> Raise(
        TEntry entry, bool conditional, IEnumerable<KeyValuePair<string, string>>? extra = null)
    {
        _loop.ThrowIfFailed();
        ThrowIfFull(1, moreBytes: 0);
        var metadata = Services.Metadata.Capture();
        if (extra is not null) metadata = CallerMetadata.Add(metadata, extra, entry.GetType());
        var submission = Services.Submissions.Rent();
        var encoded = Encode(ref entry, metadata, submission.Buffer, out var isShareable);
        return Add(submission.For(entry, encoded, isShareable, conditional));
    }

    private NewEvent Encode(ref TEntry entry, EventMetadata metadata, PayloadBuffer buffer, out bool isShareable)
    {
        if (Codec is EventCodec<TEntry> codec) return codec.Encode(ref entry, metadata, buffer, out isShareable);
        var encoded = Codec.Encode(entry, metadata);
        entry = _state.ReadBack(encoded);
        isShareable = Codec.IsShareable(entry);
        return encoded;
    }

    private Task<bool> Add(Submission submission)
    {
        Services.Limits.ThrowIfOver(submission, submission.Size, RangeOfEvents);
        ThrowIfFull(submission.Count, submission.Size);
        _state.Raise(submission, _loop.Pending, CommandSubmissions);
        if (IsDeciding)
        {
            AddToCommand(submission);
            return Landed;
        }

        if (submission.IsConditional) submission.Promise = AppendLoop.NewPromise();
        var landed = submission.Promise?.Task ?? Landed;
        _loop.Enqueue(submission);
        _state.NotifyChanged(tentative: true, confirmed: false);
        _loop.SendLater();
        return landed;
    }

    private void ThrowIfFull(int moreEvents, long moreBytes) =>
        _loop.ThrowIfFull(moreEvents + (_command?.Events ?? 0), moreBytes + (_command?.Bytes ?? 0));
}
