namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    // What a command raises while it decides. Deciding is synchronous, so nothing interleaves.
    private SubmissionQueue _gathered;
    private bool _isGathering;

    public bool IsIdle => _pending.Count == 0;

    public void BeginCommand()
    {
        ThrowIfFailed();
        _isGathering = true;
    }

    public Task<bool> CommitCommandAsync(EventMetadata? command)
    {
        var gathered = LetGoOfGathered();
        if (gathered.Count == 0 && command is null) return Landed;
        try
        {
            var submission = Join(gathered, command);
            if (_stats is not null) submission.RaisedAt = _services.Time.GetTimestamp();
            _pending.Add(submission);
            _unconfirmedEvents += submission.Count;
            if (CanGoOutWhole) return SendAndConfirm();
            submission.Promise = NewPromise();
            StartNow();
            return submission.Promise.Task;
        }
        catch (LimitExceededException)
        {
            _tentative = null;
            throw;
        }
    }

    public void AbandonCommand()
    {
        if (_isGathering) LetGoOfGathered();
        _tentative = null;
    }

    private SubmissionQueue LetGoOfGathered()
    {
        var gathered = _gathered;
        (_gathered, _isGathering) = (default, false);
        for (var one = gathered.First; one is not null; one = one.Next) _unconfirmedEvents -= one.Count;
        return gathered;
    }

    // One conditional submission that carries the command with its last event, or with a marker where it raised none.
    private Submission Join(SubmissionQueue gathered, EventMetadata? command)
    {
        if (command is null && gathered.Count == 1) return gathered.TakeFirst().MakeConditional();
        var all = gathered.ToList();
        var events = all.Count == 0 ? [Marker()] : all.SelectMany(static one => one).ToArray();
        if (command is not null) events[^1] = Described(events[^1], command);
        var isShareable = all.TrueForAll(static one => one.IsShareable);
        object[] entries = [.. all.SelectMany(static one => one.Entries)];

        // Of several, the payloads stay where they are: in buffers that are not used again.
        var submission = all.Count == 1 ? gathered.TakeFirst() : new Submission();
        submission.For(entries, events, isShareable, isConditional: true);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.BatchSizeMax, submission.Size, "append of a command", "Raise fewer events at once.");
        return submission;
    }

    private TView FoldGathered()
    {
        var view = FoldPending();
        for (var one = _gathered.First; one is not null; one = one.Next) FoldAgain(view, one);
        return view;
    }

    private NewEvent Marker() =>
        new(Uuid7.New(_services.Time), EventTypes.CommandAnswered, "{}"u8.ToArray())
        {
            Metadata = _services.Metadata.Capture(),
        };

    private static NewEvent Described(NewEvent @event, EventMetadata command) =>
        new(@event.Id, @event.Type, @event.Payload)
    {
        SchemaVersion = @event.SchemaVersion,
        ContentType = @event.ContentType,
        Metadata = @event.Metadata.With(command.Pairs),
    };
}
