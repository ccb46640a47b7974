using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
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
    private readonly ILogViewAdaptorHost<TView, TEntry> _host;
    private readonly ScenarioLog _log;
    private readonly ICommandHost? _commandHost;
    private readonly IEventCodec<TEntry> _codec;
    private readonly List<ScenarioEntry> _pending = [];
    private List<ScenarioEntry>? _raisedByCommand;

    public ScenarioJournal(
        ILogViewAdaptorHost<TView, TEntry> host, ScenarioLog log, StreamName stream, IServiceProvider services)
    {
        _host = host;
        _log = log;
        Stream = stream;
        _commandHost = host as ICommandHost;
        _codec = EventCodecs.Of<TEntry>(services);
        _commandHost?.Attach(this, services.GetRequiredService<EventTypeRegistry>().AllOf(typeof(TEntry)));
        log.EncodeGiven(EncodeGiven);
    }

    public StreamName Stream { get; }

    public StreamVersion Version => new(_log.Count);

    public LogPosition Position => LogPosition.StartOf(default);

    public object ConfirmedState => ConfirmedView;

    public TView ConfirmedView
    {
        get => Applying ?? field;
        private set;
    }
    = new();

    public int ConfirmedVersion => _log.Count;

    public IEnumerable<TEntry> UnconfirmedSuffix => Unconfirmed.Select(static entry => (TEntry)entry.Event!);

    public TView TentativeView
    {
        get
        {
            if (Applying is { } applying) return applying;
            var view = FoldConfirmed();
            foreach (var entry in Unconfirmed) Fold(view, entry, _log.Count + 1);
            return view;
        }
    }

    private TView? Applying => (TView?)ApplyGuard.StateOf(_host);

    private IEnumerable<ScenarioEntry> Unconfirmed => _pending.Concat(_raisedByCommand ?? []);

    public void Submit(TEntry entry) => SubmitRange([entry]);

    public void SubmitRange(IEnumerable<TEntry> entries) => Submit([.. entries], EventMetadata.Empty);

    public void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata) => Submit(
        [(TEntry)@event], CallerMetadata.Add(EventMetadata.Empty, metadata, @event.GetType()));

    private void Submit(TEntry[] entries, EventMetadata metadata)
    {
        ApplyGuard.ThrowIfApplying(_host);
        var raised = Array.ConvertAll(entries, entry => new ScenarioEntry(entry, Encode(entry, metadata)));
        var stored = Array.ConvertAll(raised, static entry => entry.Stored!);
        StoreLimits.Largest.ThrowIfOver(stored, stored.Sum(static one => (long)one.Size), "range of events");
        var view = TentativeView;
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
            [.. _log.Entries.Take(toVersion).Skip(fromVersion)
                .SelectMany((entry, at) => Decode(entry, fromVersion + at + 1))]);

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

    public Task RefreshIfMovedAsync(CancellationToken cancellationToken) => ConfirmSubmittedEntries();

    public Task<PastState<object>> ReadStateAsync(StreamVersion version, CancellationToken cancellationToken) =>
        version <= Version
        ? Task.FromResult(new PastState<object>(FoldFirst((int)version.Value), version, null))
        : throw new ArgumentOutOfRangeException(
            nameof(version), $"Stream {Stream} has no version {version}; it is at version {Version}.");

    public Task<PastState<object>> ReadStateAsync(DateTimeOffset instant, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A scenario has no clock; read the state at an instant in a test cluster.");

    public object CreateState() => new TView();

    public Snapshot? TakeSnapshot() => null;

    public object? DecodeSnapshot(Snapshot snapshot, bool ofOtherCode = false) => null;

    public ValueTask<Snapshot?> TakeSnapshotAtAsync(StreamVersion version, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Snapshot?>(null);

    public Task DeleteAsync(ExpectedVersion expected, CancellationToken cancellationToken) =>
        expected.IsMetBy(Version, Position.Position)
            ? ClearLogAsync(cancellationToken)
            : throw new WrongExpectedVersionException(Stream, expected, Version);

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

    private void Confirm(List<ScenarioEntry> entries, EventMetadata? command)
    {
        if (entries.Count == 0 && command is null) return;
        for (var at = 0; at < entries.Count - 1; at++) _log.Add(entries[at]);
        _log.Add((entries.Count == 0 ? new ScenarioEntry(null, null) : entries[^1]) with { Command = command });
        AddCommand(command);
        ConfirmedView = FoldConfirmed();
        _host.OnViewChanged(true, true);
    }

    private void AddCommand(EventMetadata? command)
    {
        if (command is not null) _commandHost?.Commands.AddFrom(command);
    }

    private NewEvent EncodeGiven(object given)
    {
        if (given is not TEntry entry)
            throw new ArgumentException(
                $"A given {given.GetType()} is none of the grain's events, {typeof(TEntry)}.");
        try
        {
            return Encode(entry, EventMetadata.Empty);
        }
        catch (GranaryException refusal)
        {
            throw new ArgumentException(
                $"A given {given.GetType()} could not have been stored: {refusal.Message}", refusal);
        }
    }

    // As the real journal does: what a codec of the application's own writes is read back.
    private NewEvent Encode(TEntry entry, EventMetadata metadata)
    {
        var encoded = _codec.Encode(entry, metadata);
        if (_codec is not EventCodec<TEntry>) EventCodecs.ReadBack(_codec, Recorded(encoded, _log.Count + 1), []);
        return encoded;
    }

    // As the real journal does: an event that cannot be applied is refused.
    private void FoldRaised(TView view, ScenarioEntry entry)
    {
        try
        {
            Fold(view, entry, _log.Count + 1);
        }
        catch (Exception fault)
        {
            throw new EventNotApplicableException(Stream, entry.Stored!.Type, fault);
        }
    }

    private TView FoldConfirmed() => FoldFirst(_log.Count);

    private TView FoldFirst(int count)
    {
        var view = new TView();
        for (var at = 0; at < count; at++)
        {
            var entry = _log.Entries[at];
            try
            {
                Fold(view, entry, at + 1);
            }
            catch (Exception fault) when (fault is not ReplayFailedException)
            {
                throw new ReplayFailedException(
                    Recorded(entry.Stored!, at + 1), $"Apply threw: {fault.Message}", fault);
            }
        }

        return view;
    }

    // What is stored is folded, as every activation in a silo does.
    private void Fold(TView view, ScenarioEntry entry, int version)
    {
        foreach (var decoded in Decode(entry, version))
        {
            var outer = ApplyGuard.Enter(_host, view);
            try
            {
                _host.UpdateView(view, decoded);
            }
            finally
            {
                ApplyGuard.Leave(outer);
            }
        }
    }

    private List<TEntry> Decode(ScenarioEntry entry, int version)
    {
        var decoded = new List<TEntry>();
        if (entry.Stored is { } stored) _codec.Decode(Recorded(stored, version), decoded);
        return decoded;
    }

    private RecordedEvent Recorded(NewEvent stored, int version) => new()
    {
        Stream = Stream,
        Version = new(version),
        Position = new(default, new(version)),
        Id = stored.Id,
        AppendId = default,
        Type = stored.Type,
        SchemaVersion = stored.SchemaVersion,
        Timestamp = default,
        ContentType = stored.ContentType,
        Payload = stored.Payload,
        Metadata = stored.Metadata,
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
