using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// What the events of one activation are folded into: the confirmed state, and what is folded ahead of it.
/// </summary>
/// <remarks>
/// There are up to three states, and each event is folded into each of them once. The confirmed state holds what is
/// stored. The tentative state holds what is pending too. The decision state is what a command decides on where other
/// commands are pending: the tentative state without what this command raises.
/// </remarks>
internal sealed partial class JournalState<TView, TEntry>(
    ILogViewAdaptorHost<TView, TEntry> host,
    TView initial,
    StreamName stream,
    IGrainContext context,
    JournalServices services,
    JournalCodecs<TView, TEntry> codecs) : IJournalState
    where TView : class, new()
    where TEntry : class
{
    // Of a thread, not of an activation: it is used within one call only.
    [ThreadStatic] private static List<TEntry>? _decoded;

    private readonly bool _appliesPlainly = PlainGrains.IsPlain(host.GetType());
    private CommandMemory? _commands = (host as ICommandHost)?.Commands;
    private TView _confirmed = initial;
    private ReplayFailedException? _notApplied;
    private TView? _tentative;
    private DecisionState? _decision;
    private long _version;
    private GlobalPosition _position;
    private readonly LogPartition _partition = services.Store.PartitionOf(stream);
    private long _latestUtcTicks;
    private long _eventsSinceSnapshot;
    private TimeSpan _costPerEvent;

    // Why what follows a snapshot could not be replayed: the error where there is no other way to the state.
    private ReplayFailedException? _notReplayed;

    // The version after which nothing is folded: a state of the past ends there.
    private long _last = long.MaxValue;

    public JournalServices Services => services;

    public IGrainContext Context => context;

    public JournalCodecs<TView, TEntry> Codecs => codecs;

    public StreamName Stream => stream;

    public IConnectionIssueListener Listener => host;

    public StreamVersion Version => new(_version);

    public LogPosition Position => new(_partition, _position);

    /// <summary>The state folded from what is stored.</summary>
    /// <exception cref="ReplayFailedException">
    /// A stored event was applied to it in part: the journal has failed, and this is no state that there was.
    /// </exception>
    public TView Confirmed
    {
        get
        {
            if (_notApplied is { } fault) ExceptionDispatchInfo.Throw(fault);
            return _confirmed;
        }
    }

    /// <summary>The state that the grain applies an event to now; null where it applies none.</summary>
    public TView? Applying => (TView?)ApplyGuard.StateOf(host);

    /// <summary>The state with what is pending, and with what a command raises now.</summary>
    public TView Tentative(in SubmissionQueue pending, in SubmissionQueue commandSubmissions)
    {
        if (_tentative is { } tentative) return tentative;
        tentative = CopyConfirmed();
        FoldAll(tentative, pending);
        FoldAll(tentative, commandSubmissions);
        return _tentative = tentative;
    }

    /// <summary>The state that a command decides on: with what is pending, without what it raises.</summary>
    public TView Decision(in SubmissionQueue pending)
    {
        if (pending.Last is not { } last) return Confirmed;
        var decision = _decision ??= new DecisionState(CopyConfirmed());
        FoldIntoDecision(decision, pending);
        decision.Through = last.Number;
        return decision.View;
    }

    /// <summary>
    /// Folds what is raised into the tentative state. An event that cannot be applied is never stored.
    /// </summary>
    /// <exception cref="EventNotApplicableException">It cannot be applied; the tentative state is dropped.</exception>
    /// <exception cref="InvalidOperationException">Another event is being applied.</exception>
    public void Raise(Submission submission, in SubmissionQueue pending, in SubmissionQueue commandSubmissions)
    {
        ApplyGuard.ThrowIfApplying(host);
        var view = Tentative(pending, commandSubmissions);
        for (var at = 0; at < submission.EntryCount; at++)
        {
            try
            {
                Apply(view, (TEntry)submission.EntryAt(at));
            }
            catch (Exception fault)
            {
                // What it left half-done goes with the tentative state.
                _tentative = null;
                throw new EventNotApplicableException(Stream, submission[at].Type, fault);
            }
        }
    }

    /// <summary>What is folded of an event that a codec of the application's own has encoded.</summary>
    /// <exception cref="EventNotEncodableException">It would not be read as one event.</exception>
    public TEntry ReadBack(NewEvent encoded)
    {
        var list = RentList();
        var entry = EventCodecs.ReadBack(codecs.Events, AsRecorded(encoded, new(_version + 1), Position), list);
        _decoded = list;
        return entry;
    }

    public void Confirm(in SubmissionQueue landed, AppendResult result)
    {
        FoldLandedIntoDecision(landed);
        for (var one = landed.First; one is not null; one = one.Next)
        {
            FoldConfirmed(one, result);
            _version += one.Count;
            _eventsSinceSnapshot += one.Count;
            for (var at = 0; _commands is not null && at < one.Count; at++) _commands.AddFrom(one[at].Metadata);
        }

        _version = result.Version.Value;
        MoveTo(result.Position, result.Timestamp);
    }

    public void Rebase(in SubmissionQueue pending)
    {
        DropTentative();
        if (pending.First is not { } one) return;
        var tentative = CopyConfirmed();
        for (; one is not null; one = one.Next)
        {
            try
            {
                FoldAgain(tentative, one);
            }
            catch (Exception fault)
            {
                throw new EventNotApplicableException(Stream, one[0].Type, fault);
            }
        }

        _tentative = tentative;
    }

    public void DropTentative() => (_tentative, _decision) = (null, null);

    public void Reset()
    {
        (_confirmed, _notApplied) = (new TView(), null);
        DropTentative();
        _version = 0;
        _position = default;
        _latestUtcTicks = 0;
        _eventsSinceSnapshot = 0;
        _adoption = AdoptionProgress.None;
        _commands?.Clear();
    }

    public void NotifyChanged(bool tentative, bool confirmed)
    {
        try
        {
            host.OnViewChanged(tentative, confirmed);
        }
        catch (Exception fault)
        {
            services.ProtocolOf(context)
                .CaughtUserCodeException(nameof(host.OnViewChanged), nameof(Journal<,>), fault);
        }
    }

    /// <summary>Folds a stored event into any state.</summary>
    /// <exception cref="ReplayFailedException">It cannot be decoded or applied.</exception>
    public void Fold(TView view, RecordedEvent recorded)
    {
        var decoded = Decode(recorded);
        Fold(view, recorded, CollectionsMarshal.AsSpan(decoded));
        _decoded = decoded;
    }

    // A grain that leaves it to JournaledGrain to call Apply gets the compiled call instead of a dynamic one. The
    // state's own Apply has no reference to the grain; a TransitionState does, and may try to raise events.
    private void Apply(TView view, TEntry entry)
    {
        if (_appliesPlainly && ApplyDispatch<TView, TEntry>.TryApply(view, entry)) return;
        var outer = ApplyGuard.Enter(host, view);
        try
        {
            host.UpdateView(view, entry);
        }
        finally
        {
            ApplyGuard.Leave(outer);
        }
    }

    private void Fold(TView view, RecordedEvent recorded, ReadOnlySpan<TEntry> entries)
    {
        foreach (var entry in entries)
        {
            try
            {
                Apply(view, entry);
            }
            catch (Exception fault)
            {
                throw new ReplayFailedException(recorded, $"Apply threw: {fault.Message}", fault);
            }
        }
    }

    private void FoldAll(TView view, in SubmissionQueue submissions)
    {
        for (var one = submissions.First; one is not null; one = one.Next) FoldAgain(view, one);
    }

    private void FoldIntoDecision(DecisionState decision, in SubmissionQueue submissions)
    {
        try
        {
            for (var one = submissions.First; one is not null; one = one.Next)
            {
                if (one.Number > decision.Through) FoldAgain(decision.View, one);
            }
        }
        catch
        {
            _decision = null;
            throw;
        }
    }

    // What has landed leaves the queue, so it is folded now. Where that fails the confirmed state reports it.
    private void FoldLandedIntoDecision(in SubmissionQueue landed)
    {
        if (_decision is not { } decision) return;
        try
        {
            FoldIntoDecision(decision, landed);
            decision.Through = Math.Max(decision.Through, landed.Last!.Number);
        }
        catch (Exception)
        {
            _decision = null;
        }
    }

    private void FoldConfirmed(Submission submission, AppendResult result)
    {
        try
        {
            FoldAgain(_confirmed, submission);
        }
        catch (Exception fault)
        {
            var recorded = AsRecorded(submission[0], new(_version + 1), result.Position);
            throw _notApplied = new ReplayFailedException(
                recorded, $"It is stored, but its {nameof(Apply)} threw: {fault.Message}", fault);
        }
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
            var recorded = AsRecorded(submission[at], new(_version + at + 1), Position);
            var decoded = Decode(recorded);
            foreach (var entry in decoded) Apply(view, entry);
            _decoded = decoded;
        }
    }

    private RecordedEvent AsRecorded(NewEvent @event, StreamVersion version, LogPosition position) => new()
    {
        Stream = Stream,
        Version = version,
        Position = position,
        Id = @event.Id,
        AppendId = default,
        Type = @event.Type,
        SchemaVersion = @event.SchemaVersion,
        Timestamp = default,
        ContentType = @event.ContentType,
        Payload = @event.Payload,
        Metadata = @event.Metadata,
    };

    private List<TEntry> Decode(RecordedEvent recorded)
    {
        var decoded = RentList();
        codecs.Events.Decode(recorded, decoded);
        return decoded;
    }

    private static List<TEntry> RentList()
    {
        var list = _decoded ?? [];
        _decoded = null;
        list.Clear();
        return list;
    }

    private void MoveTo(LogPosition position, DateTimeOffset timestamp)
    {
        _position = position.Position;
        if (timestamp.UtcTicks > _latestUtcTicks) _latestUtcTicks = timestamp.UtcTicks;
    }

    private TView CopyConfirmed()
    {
        var confirmed = Confirmed;
        return _version == 0 ? new TView() : codecs.States.Copy(confirmed);
    }

    /// <summary>What a command decides on, with all that is pending up to a number.</summary>
    private sealed class DecisionState(TView view)
    {
        public TView View => view;

        public long Through { get; set; }
    }
}

/// <summary>How a grain's events and states are written, read and copied.</summary>
internal readonly record struct JournalCodecs<TView, TEntry>(IEventCodec<TEntry> Events, IStateCodec<TView> States)
    where TView : class, new()
    where TEntry : class;
