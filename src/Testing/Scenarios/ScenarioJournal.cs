using Granary.Runtime;
using Orleans.EventSourcing;

namespace Granary.Testing;

/// <summary>
/// A journal on a list. What is raised is confirmed when the grain calls ConfirmEvents, with the command, or when the
/// call has ended; every state is folded anew, so that no state is shared between what is confirmed and what is not.
/// </summary>
internal sealed class ScenarioJournal<TView, TEntry> : ILogViewAdaptor<TView, TEntry>, ICommandJournal, IScenarioJournal
    where TView : class, new()
    where TEntry : class
{
    private static readonly Type[] EventTypes = [.. typeof(TEntry).Assembly.GetTypes().Where(static type =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(TEntry).IsAssignableFrom(type))];

    private readonly ILogViewAdaptorHost<TView, TEntry> _host;
    private readonly ScenarioLog _log;
    private readonly ICommandHost? _commandHost;
    private readonly List<TEntry> _pending = [];
    private List<TEntry>? _raisedByCommand;

    public ScenarioJournal(ILogViewAdaptorHost<TView, TEntry> host, ScenarioLog log, StreamName stream)
    {
        _host = host;
        _log = log;
        Stream = stream;
        _commandHost = host as ICommandHost;
        _commandHost?.Attach(this, EventTypes);
        if (log.Entries.FirstOrDefault(static entry => entry.Event is not null and not TEntry) is { } stranger)
            throw new ArgumentException(
                $"A given {stranger.Event!.GetType()} is none of the grain's events, {typeof(TEntry)}.");
    }

    public StreamName Stream { get; }

    public StreamVersion Version => new(_log.Count);

    public LogPosition Position => LogPosition.StartOf(default);

    public object ConfirmedState => ConfirmedView;

    public TView ConfirmedView { get; private set; } = new();

    public int ConfirmedVersion => _log.Count;

    public IEnumerable<TEntry> UnconfirmedSuffix => _pending.Concat(_raisedByCommand ?? []);

    public TView TentativeView
    {
        get
        {
            var view = FoldConfirmed();
            foreach (var entry in UnconfirmedSuffix) _host.UpdateView(view, entry);
            return view;
        }
    }

    public void Submit(TEntry entry) => SubmitRange([entry]);

    public void SubmitRange(IEnumerable<TEntry> entries)
    {
        var view = TentativeView;
        var raised = entries.ToArray();
        foreach (var entry in raised) FoldRaised(view, entry);
        (_raisedByCommand ?? _pending).AddRange(raised);
        _host.OnViewChanged(true, false);
    }

    public void Load()
    {
        foreach (var entry in _log.Entries) AddCommand(entry.Command);
        ConfirmedView = FoldConfirmed();
        if (_log.Count > 0) _host.OnViewChanged(true, true);
    }

    public Task<bool> TryAppend(TEntry entry) => TryAppendRange([entry]);

    public async Task<bool> TryAppendRange(IEnumerable<TEntry> entries)
    {
        SubmitRange(entries);
        await ConfirmSubmittedEntries();
        return true;
    }

    public Task ConfirmSubmittedEntries()
    {
        Confirm(_pending, null);
        _pending.Clear();
        return Task.CompletedTask;
    }

    public Task Synchronize() => ConfirmSubmittedEntries();

    public Task ClearLogAsync(CancellationToken cancellationToken)
    {
        _log.Clear();
        _pending.Clear();
        _commandHost?.Commands.Clear();
        ConfirmedView = new TView();
        _host.OnViewChanged(true, true);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<TEntry>> RetrieveLogSegment(int fromVersion, int toVersion) =>
        Task.FromResult<IReadOnlyList<TEntry>>(
            [.. _log.Entries.Take(toVersion).Skip(fromVersion).Select(static entry => entry.Event).OfType<TEntry>()]);

    public void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata) => Submit((TEntry)@event);

    // What was raised outside of commands counts for the decision; here it is confirmed at once.
    public void BeginCommand()
    {
        Confirm(_pending, null);
        _pending.Clear();
        _raisedByCommand = [];
    }

    public void AbandonCommand() => _raisedByCommand = null;

    public Task<bool> CommitCommandAsync(EventMetadata? command)
    {
        var raised = _raisedByCommand!;
        _raisedByCommand = null;
        Confirm(raised, command);
        return Task.FromResult(true);
    }

    // The grain is the only writer.
    public Task<bool> VerifyAsync() => Task.FromResult(true);

    public Task RefreshIfMovedAsync() => ConfirmSubmittedEntries();

    public Task<PastState<object>> ReadStateAsync(StreamVersion version) => version <= Version
        ? Task.FromResult(new PastState<object>(FoldFirst((int)version.Value), version, null))
        : throw new ArgumentOutOfRangeException(
            nameof(version), $"Stream {Stream} has no version {version}; it is at version {Version}.");

    public Task<PastState<object>> ReadStateAsync(DateTimeOffset instant) =>
        throw new NotSupportedException("A scenario has no clock; read the state at an instant in a test cluster.");

    public object CreateState() => new TView();

    public Snapshot? TakeSnapshot() => null;

    public object? DecodeSnapshot(Snapshot snapshot) => null;

    public void Fold(object state, RecordedEvent recorded) =>
        throw new NotSupportedException("A scenario keeps events as objects; read history in a test cluster.");

    public Task PreOnActivate() => Task.CompletedTask;

    public Task PostOnActivate() => Task.CompletedTask;

    public Task PostOnDeactivate() => ConfirmSubmittedEntries();

    public void EnableStatsCollection()
    {
    }

    public void DisableStatsCollection()
    {
    }

    public LogConsistencyStatistics? GetStats() => null;

    private void Confirm(List<TEntry> entries, EventMetadata? command)
    {
        if (entries.Count == 0 && command is null) return;
        for (var at = 0; at < entries.Count; at++) _log.Add(entries[at], at == entries.Count - 1 ? command : null);
        if (entries.Count == 0) _log.Add(null, command);
        AddCommand(command);
        ConfirmedView = FoldConfirmed();
        _host.OnViewChanged(true, true);
    }

    private void AddCommand(EventMetadata? command)
    {
        if (command is not null) _commandHost?.Commands.AddFrom(command);
    }

    // As the real journal does: an event that cannot be applied is refused.
    private void FoldRaised(TView view, TEntry entry)
    {
        try
        {
            _host.UpdateView(view, entry);
        }
        catch (Exception fault)
        {
            throw new EventNotApplicableException(Stream, EventTypeNames.Of(entry.GetType()), fault);
        }
    }

    private TView FoldConfirmed() => FoldFirst(_log.Count);

    private TView FoldFirst(int count)
    {
        var view = new TView();
        for (var at = 0; at < count; at++)
        {
            if (_log.Entries[at].Event is not TEntry entry) continue;
            try
            {
                _host.UpdateView(view, entry);
            }
            catch (Exception fault)
            {
                throw new ReplayFailedException(Recorded(entry, at + 1), $"Apply threw: {fault.Message}", fault);
            }
        }

        return view;
    }

    private RecordedEvent Recorded(TEntry entry, int version) => new()
    {
        Stream = Stream,
        Version = new(version),
        Position = new(default, new(version)),
        Id = default,
        AppendId = default,
        Type = EventTypeNames.Of(entry.GetType()),
        SchemaVersion = 1,
        Timestamp = default,
        ContentType = ContentTypes.Json,
        Payload = default,
        Metadata = EventMetadata.Empty,
    };
}

/// <summary>What a scenario needs of its journal.</summary>
internal interface IScenarioJournal
{
    /// <summary>Folds what was given.</summary>
    /// <exception cref="ReplayFailedException">An event could not be applied.</exception>
    void Load();

    /// <summary>Confirms what is raised and not confirmed, as the real journal does in the background.</summary>
    Task ConfirmSubmittedEntries();
}
