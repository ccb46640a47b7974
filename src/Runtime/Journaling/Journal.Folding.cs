namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    private readonly bool _appliesPlainly;

    // A grain that leaves it to JournaledGrain to call Apply gets the compiled call instead of a dynamic one.
    private void Apply(TView view, TEntry entry)
    {
        if (!_appliesPlainly || !ApplyDispatch<TView, TEntry>.TryApply(view, entry)) _host.UpdateView(view, entry);
    }

    private TView FoldPending()
    {
        var view = CopyConfirmed();
        for (var one = _pending.First; one is not null; one = one.Next) FoldAgain(view, one);
        return view;
    }

    // An event object that can be changed has been given away when it was first folded: what is stored is folded here,
    // as every later activation will.
    private void FoldAgain(TView view, Submission submission)
    {
        if (submission.IsShareable)
        {
            for (var at = 0; at < submission.EntryCount; at++) Apply(view, (TEntry)submission.EntryAt(at));
            return;
        }

        for (var at = 0; at < submission.Count; at++)
        {
            var recorded = AsRecorded(submission[at], new(_version + at + 1));
            var decoded = Decode(recorded);
            foreach (var entry in decoded) Apply(view, entry);
            _decoded = decoded;
        }
    }

    private RecordedEvent AsRecorded(NewEvent @event, StreamVersion version) => new()
    {
        Stream = Stream,
        Version = version,
        Position = _position,
        Id = @event.Id,
        AppendId = default,
        Type = @event.Type,
        SchemaVersion = @event.SchemaVersion,
        Timestamp = default,
        ContentType = @event.ContentType,
        Payload = @event.Payload,
        Metadata = @event.Metadata,
    };

    private TView CopyConfirmed() => _version == 0
        ? new TView()
        : _stateCodec.TryCopy(_confirmed)
            ?? throw new InvalidOperationException(
                $"State {typeof(TView)} cannot be copied; mark it with [GenerateSerializer] or give it a copier.");
}
