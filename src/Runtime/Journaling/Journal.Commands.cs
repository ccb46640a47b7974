namespace Granary.Runtime;

/// <remarks>
/// A command decides synchronously, so what it raises is gathered without anything interleaving. Other commands may be
/// pending: it decides on the state that they lead to, and is dropped with them where another writer came between.
/// </remarks>
internal sealed partial class Journal<TView, TEntry>
{
    private SubmissionQueue _gathered;
    private int _gatheredEvents;
    private long _gatheredBytes;
    private bool _isGathering;

    public void BeginCommand()
    {
        ThrowIfDeciding();
        _loop.ThrowIfFailed();
        _isGathering = true;
    }

    public Task<bool> CommitCommandAsync(EventMetadata? command)
    {
        var gathered = EndGathering();
        if (gathered.Count == 0 && command is null) return VerifyAsync();
        try
        {
            var submission = Join(gathered, command);
            _loop.ThrowIfFull(submission.Count, submission.Size);
            return _loop.ConfirmCommandAsync(submission);
        }
        catch (LimitExceededException)
        {
            _state.DropTentative();
            throw;
        }
    }

    public void AbandonCommand()
    {
        if (!_isGathering) return;
        if (EndGathering().Count > 0) _state.DropTentative();
    }

    public async Task<bool> VerifyAsync()
    {
        var rebases = _loop.Rebases;
        await _loop.CheckHeadAsync(reads: false);
        return rebases == _loop.Rebases;
    }

    public Task RefreshIfMovedAsync()
    {
        ThrowIfDeciding();
        return _loop.CheckHeadAsync(reads: false);
    }

    public Task<PastState<object>> ReadStateAsync(StreamVersion version) => Reader().StateAtAsync(version);

    public Task<PastState<object>> ReadStateAsync(DateTimeOffset instant) => Reader().StateAtAsync(instant);

    private StateReader Reader() => new(_services.Store, _services.Snapshots, this);

    private void Gather(Submission submission)
    {
        _gathered.Enqueue(submission);
        _gatheredEvents += submission.Count;
        _gatheredBytes += submission.Size;
        _state.NotifyChanged(tentative: true, confirmed: false);
    }

    private SubmissionQueue EndGathering()
    {
        var gathered = _gathered;
        (_gathered, _gatheredEvents, _gatheredBytes, _isGathering) = (default, 0, 0, false);
        return gathered;
    }

    // One conditional submission that carries the command with its last event, or with a marker where it raised none.
    private Submission Join(SubmissionQueue gathered, EventMetadata? command)
    {
        if (command is null && gathered.Count == 1) return gathered.Dequeue().MakeConditional();
        var all = gathered.ToList();
        var events = all.Count == 0 ? [Marker()] : all.SelectMany(static one => one).ToArray();
        if (command is not null) events[^1] = Described(events[^1], command);
        var isShareable = all.TrueForAll(static one => one.IsShareable);
        object[] entries = [.. all.SelectMany(static one => one.Entries)];

        // Of several, the payloads stay where they are: in buffers that are not used again.
        var submission = all.Count == 1 ? gathered.Dequeue() : new Submission();
        submission.For(entries, events, isShareable, isConditional: true);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.BatchSizeMax, submission.Size, "append of a command", "Raise fewer events at once.");
        return submission;
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

    // A command confirms what it raises, whole, when it has decided.
    private void ThrowIfDeciding()
    {
        if (_isGathering)
            throw new InvalidOperationException(
                "A command decides synchronously: it looks at the state and raises events by RaiseEvent. It cannot "
                + "confirm, refresh, clear, raise conditionally, or run another command while it decides.");
    }
}
