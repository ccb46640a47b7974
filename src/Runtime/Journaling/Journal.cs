using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// The journal of one activation: takes the events that the grain raises, has them appended in its own time, and keeps
/// the confirmed and the tentative state. Everything runs in the grain's turns, one store call at a time.
/// </summary>
/// <remarks>
/// Here are the views; raising, folding, working, confirming, loading and commands have files of their own.
/// </remarks>
internal sealed partial class Journal<TView, TEntry>
    : ILogViewAdaptor<TView, TEntry>, ICommandJournal, IAppendCaller, IThreadPoolWorkItem
    where TView : class, new()
    where TEntry : class
{
    private readonly ILogViewAdaptorHost<TView, TEntry> _host;
    private readonly IGrainContext _context;
    private readonly JournalServices _services;
    private readonly IEventCodec<TEntry> _codec;
    private readonly IStateCodec<TView> _stateCodec;
    private readonly ICommandHost? _commandHost;

    private SubmissionQueue _pending;
    private TView _confirmed;
    private TView? _tentative;
    private long _version;
    private LogPosition _position;
    private DateTimeOffset _latest;
    private EventsNotConfirmedException? _failure;
    private LogConsistencyStatistics? _stats;

    public Journal(
        ILogViewAdaptorHost<TView, TEntry> host,
        TView initialState,
        StreamName stream,
        IGrainContext context,
        JournalServices services,
        IEventCodec<TEntry> codec,
        IStateCodec<TView> stateCodec)
    {
        _host = host;
        _confirmed = initialState;
        Stream = stream;
        _context = context;
        _services = services;
        _codec = codec;
        _stateCodec = stateCodec;
        _position = LogPosition.StartOf(services.Store.PartitionOf(stream));
        _appliesPlainly = PlainGrains.IsPlain(host.GetType());
        _commandHost = host as ICommandHost;
        _commandHost?.Attach(this, services.EventTypes.AllOf(typeof(TEntry)));
    }

    // For trouble only, so most activations never have one.
    private ILogConsistencyProtocolServices Protocol => _services.ProtocolOf(_context);

    public StreamName Stream { get; }

    public StreamVersion Version => new(_version);

    public LogPosition Position => _position;

    public object ConfirmedState => _confirmed;

    public TView ConfirmedView
    {
        get
        {
            Count("ConfirmedViewCalled");
            return _confirmed;
        }
    }

    public TView TentativeView
    {
        get
        {
            Count("TentativeViewCalled");
            return _tentative ??= FoldPending();
        }
    }

    public int ConfirmedVersion
    {
        get
        {
            Count("ConfirmedVersionCalled");
            return checked((int)_version);
        }
    }

    public IEnumerable<TEntry> UnconfirmedSuffix =>
        [.. _pending.ToList().Concat(_gathered.ToList()).SelectMany(static one => one.Entries).Cast<TEntry>()];

    public object CreateState() => new TView();

    /// <summary>
    /// Begins nothing: the grain's own <c>OnActivateAsync</c> has not run, but the load is begun before it.
    /// </summary>
    public Task PreOnActivate() => Task.CompletedTask;

    /// <summary>
    /// Loads the state. Orleans calls this before the grain's own <c>OnActivateAsync</c>, so a grain that overrides
    /// that without calling the base is loaded all the same, and a replay that fails is an activation that fails.
    /// </summary>
    public Task PostOnActivate() => LoadAsync();

    /// <summary>Waits until what was raised is confirmed, or given up within the retry budget.</summary>
    public Task PostOnDeactivate() => DrainAsync();

    public void EnableStatsCollection() => _stats = new LogConsistencyStatistics
    {
        EventCounters = new Dictionary<string, long>
        {
            ["TentativeViewCalled"] = 0,
            ["ConfirmedViewCalled"] = 0,
            ["ConfirmedVersionCalled"] = 0,
            ["SubmitCalled"] = 0,
            ["SubmitRangeCalled"] = 0,
            ["TryAppendCalled"] = 0,
            ["TryAppendRangeCalled"] = 0,
            ["ConfirmSubmittedEntriesCalled"] = 0,
            ["SynchronizeNowCalled"] = 0,
            ["WritebackEvents"] = 0,
        },
        StabilizationLatenciesInMsecs = [],
    };

    public void DisableStatsCollection() => _stats = null;

    public LogConsistencyStatistics? GetStats() => _stats;

    private void Count(string counter)
    {
        if (_stats is { } stats) stats.EventCounters[counter]++;
    }

    // The statistics are a sample: Orleans' own list has no bound, ours keeps the last thousand.
    private void CountLatency(Submission submission)
    {
        if (_stats is not { } stats || submission.RaisedAt == 0) return;
        var latencies = stats.StabilizationLatenciesInMsecs;
        if (latencies.Count >= 1_000) latencies.RemoveRange(0, 500);
        latencies.Add((int)_services.Time.GetElapsedTime(submission.RaisedAt).TotalMilliseconds);
    }

    private void NotifyChanged(bool tentative, bool confirmed)
    {
        try
        {
            _host.OnViewChanged(tentative, confirmed);
        }
        catch (Exception fault)
        {
            Protocol.CaughtUserCodeException(nameof(_host.OnViewChanged), nameof(Journal<,>), fault);
        }
    }
}
