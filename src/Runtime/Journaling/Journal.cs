using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// The journal of one activation, as Orleans' <see cref="JournaledGrain{TGrainState,TEventBase}"/> uses it: encodes
/// what the grain raises, enqueues it in the <see cref="AppendLoop"/>, and shows the
/// <see cref="JournalState{TView,TEntry}"/>. Everything runs in the grain's turns.
/// </summary>
internal sealed partial class Journal<TView, TEntry> : ILogViewAdaptor<TView, TEntry>, ICommandJournal
    where TView : class, new()
    where TEntry : class
{
    private readonly JournalState<TView, TEntry> _state;
    private readonly AppendLoop _loop;
    private bool _isFresh;
    private bool _isLoadUnreported;

    public Journal(
        ILogViewAdaptorHost<TView, TEntry> host,
        TView initialState,
        StreamName stream,
        IGrainContext context,
        JournalServices services,
        JournalCodecs<TView, TEntry> codecs)
    {
        _state = new JournalState<TView, TEntry>(host, initialState, stream, context, services, codecs);
        _loop = new AppendLoop(_state);
        (host as ICommandHost)?.Attach(this, services.EventTypes.AllOf(typeof(TEntry)));
    }

    // From the state, because an activation is to be small.
    private JournalServices Services => _state.Services;

    private IEventCodec<TEntry> Codec => _state.Codecs.Events;

    public StreamName Stream => _state.Stream;

    public StreamVersion Version => _state.Version;

    public LogPosition Position => _state.Position;

    public object ConfirmedState => _state.Confirmed;

    /// <summary>
    /// The confirmed state; while a command decides, the state that it decides on; while an event is applied, the state
    /// that it is applied to.
    /// </summary>
    public TView ConfirmedView
    {
        get
        {
            Count("ConfirmedViewCalled");
            return _state.Applying ?? (IsDeciding ? _state.Decision(_loop.Pending) : _state.Confirmed);
        }
    }

    public TView TentativeView
    {
        get
        {
            Count("TentativeViewCalled");
            return _state.Applying ?? _state.Tentative(_loop.Pending, CommandSubmissions);
        }
    }

    /// <summary>The version of <see cref="ConfirmedView"/>.</summary>
    public int ConfirmedVersion
    {
        get
        {
            Count("ConfirmedVersionCalled");
            return checked((int)_state.Version.Value + (IsDeciding ? _loop.Pending.CountEvents() : 0));
        }
    }

    public IEnumerable<TEntry> UnconfirmedSuffix =>
        [
            .. _loop.Pending.ToList().Concat(CommandSubmissions.ToList())
                .SelectMany(static one => one.Entries).Cast<TEntry>(),
        ];

    public object CreateState() => new TView();

    public Snapshot? TakeSnapshot() => _loop.HasFailed ? null : _state.TakeSnapshot();

    public ReplayCost CostSinceSnapshot => _state.CostSinceSnapshot;

    public object? DecodeSnapshot(Snapshot snapshot, bool ofOtherCode = false) =>
        _state.TryDecode(snapshot, ofOtherCode) is { } payload ? payload.State : null;

    public bool IsOwn(Snapshot snapshot) => _state.IsOwn(snapshot);

    public bool AcceptsOldSnapshots => Services.AcceptsOldSnapshots;

    public ValueTask<Snapshot?> TakeSnapshotAtAsync(StreamVersion version, CancellationToken cancellationToken) =>
        _state.TakeSnapshotAtAsync(version, cancellationToken);

    public Task DeleteAsync(ExpectedVersion expected, CancellationToken cancellationToken)
    {
        ThrowIfDeciding();
        return _loop.ClearAsync(expected, cancellationToken);
    }

    public void Fold(object state, RecordedEvent recorded) => _state.Fold((TView)state, recorded);

    /// <exception cref="ArgumentOutOfRangeException">
    /// Another writer cleared the stream, which is shorter now.
    /// </exception>
    public async Task<IReadOnlyList<TEntry>> RetrieveLogSegment(int fromVersion, int toVersion)
    {
        if (await _state.ReadSegmentAsync(fromVersion, toVersion) is { } entries) return entries;
        await _loop.CheckHeadAsync(reads: false);
        return await _state.ReadSegmentAsync(fromVersion, toVersion) ?? throw new ArgumentOutOfRangeException(
            nameof(toVersion),
            $"Stream {Stream} was cleared and has no version {toVersion}; it is at version {Version}.");
    }

    /// <summary>Does nothing: the state is loaded in <see cref="PostOnActivate"/>.</summary>
    public Task PreOnActivate() => Task.CompletedTask;

    /// <summary>
    /// Loads the state. Orleans calls this before the grain's own <c>OnActivateAsync</c>, so a grain that overrides
    /// that without calling the base is loaded all the same, and a replay that fails is an activation that fails.
    /// </summary>
    public async Task PostOnActivate()
    {
        var migrated = _state.Context.GetComponent<MigrationParticipant>()?.GetReceived();
        await _loop.RetryAsync(token => _state.LoadAsync(migrated, token), Services.Time.GetTimestamp());
        _state.SnapshotIfDue();
        (_isFresh, _isLoadUnreported) = (true, Version.Value > 0);
        _state.Context.Scheduler.QueueAction(
            static journal => ((Journal<TView, TEntry>)journal).EndActivationTurn(), this);
    }

    /// <summary>Waits until what was raised is confirmed, or has failed within the time for retries.</summary>
    public Task PostOnDeactivate() => _loop.DrainAsync();

    public Task ConfirmSubmittedEntries()
    {
        Count("ConfirmSubmittedEntriesCalled");
        ThrowIfDeciding();
        return _loop.ConfirmAsync();
    }

    public Task Synchronize()
    {
        Count("SynchronizeNowCalled");
        ThrowIfDeciding();
        if (!_isFresh || _loop.HasWork || _loop.HasFailed) return _loop.CheckHeadAsync(reads: true);
        ReportLoad();
        return Task.CompletedTask;
    }

    public Task ClearLogAsync(CancellationToken cancellationToken)
    {
        ThrowIfDeciding();
        return _loop.ClearAsync(ExpectedVersion.Any, cancellationToken);
    }

    public void EnableStatsCollection() => _loop.Statistics = new JournalStatistics();

    public void DisableStatsCollection() => _loop.Statistics = null;

    public LogConsistencyStatistics? GetStats() => _loop.Statistics?.Counted;

    private void Count(string counter) => _loop.Statistics?.Count(counter);

    // JournaledGrain's own OnActivateAsync refreshes in the very turn in which the load ends. What the load did not see
    // cannot have been reported to any caller by then, so the stream is not read again; from the next turn on it is.
    private void EndActivationTurn()
    {
        _isFresh = false;
        ReportLoad();
    }

    // As with Orleans' own providers: not before OnActivateAsync has begun, and by the end of its refresh.
    private void ReportLoad()
    {
        if (!_isLoadUnreported) return;
        _isLoadUnreported = false;
        _state.NotifyChanged(tentative: true, confirmed: true);
    }
}
