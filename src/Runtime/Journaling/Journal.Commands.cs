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
        var gathered = _gathered!;
        _gathered = null;
        var entries = gathered.SelectMany(static one => one.Entries).ToArray();
        var events = gathered.SelectMany(static one => one.Events).ToList();
        if (events.Count == 0 && command is null) return Task.FromResult(true);

        var promise = NewPromise();
        try
        {
            if (events.Count == 0) events.Add(Marker());
            if (command is not null) events[^1] = Described(events[^1], command);
            _pending.Add(new Submission<TEntry>(entries, events, promise, _services.Time.GetTimestamp()));
        }
        catch (LimitExceededException)
        {
            _tentative = null;
            throw;
        }

        Wake();
        return promise.Task;
    }

    public void AbandonCommand()
    {
        _gathered = null;
        _tentative = null;
    }

    private TView FoldGathered()
    {
        var view = FoldPending();
        foreach (var submission in _gathered!)
        foreach (var entry in submission.Entries)
            _host.UpdateView(view, entry);
        return view;
    }

    private NewEvent Marker() =>
        new(Guid.CreateVersion7(_services.Time.GetUtcNow()), EventTypes.CommandAnswered, "{}"u8.ToArray())
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
