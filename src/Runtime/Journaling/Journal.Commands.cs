namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    // What a command raises while it decides; null while no command runs. Deciding is synchronous, so nothing
    // interleaves.
    private List<Submission<TEntry>>? _gathered;

    public bool IsIdle => _pending.Count == 0;

    public void BeginCommand()
    {
        ThrowIfFailed();
        _gathered = [];
    }

    public Task<bool> CommitCommandAsync(EventMetadata? command)
    {
        var gathered = LetGoOfGathered();
        if (gathered.Count == 0 && command is null) return Landed;
        try
        {
            var submission = Join(gathered, command);
            _pending.Add(submission);
            _unconfirmedEvents += submission.Events.Count;
            StartNow();
            return submission.Promise!.Task;
        }
        catch (LimitExceededException)
        {
            _tentative = null;
            throw;
        }
    }

    public void AbandonCommand()
    {
        if (_gathered is not null) LetGoOfGathered();
        _tentative = null;
    }

    private List<Submission<TEntry>> LetGoOfGathered()
    {
        var gathered = _gathered!;
        _gathered = null;
        foreach (var submission in gathered) _unconfirmedEvents -= submission.Events.Count;
        return gathered;
    }

    // One conditional submission that carries the command with its last event, or with a marker where it raised none.
    private Submission<TEntry> Join(List<Submission<TEntry>> gathered, EventMetadata? command)
    {
        var entries = gathered.Count == 1
            ? gathered[0].Entries
            : gathered.SelectMany(static one => one.Entries).ToArray();
        var events = gathered.SelectMany(static one => one.Events).ToArray();
        if (events.Length == 0) events = [Marker()];
        if (command is not null) events[^1] = Described(events[^1], command);
        var submission = new Submission<TEntry>(entries, events, gathered.TrueForAll(static one => one.IsShareable))
        {
            Promise = NewPromise(),
            RaisedAt = _stats is null ? 0 : _services.Time.GetTimestamp(),
        };
        LimitExceededException.ThrowIfOver(
            GranaryLimits.BatchSizeMax, submission.Size, "append of a command", "Raise fewer events at once.");
        return submission;
    }

    private TView FoldGathered()
    {
        var view = FoldPending();
        foreach (var submission in _gathered!) FoldAgain(view, submission);
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
