using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>What all journals of a silo share.</summary>
internal sealed class JournalServices(
    IEventStore store,
    SiloStore siloStore,
    IAppendSender appender,
    ISnapshotStore snapshots,
    ISnapshotPolicy snapshotPolicy,
    SnapshotWriter snapshotWriter,
    IMetadataSource metadata,
    EventTypeRegistry eventTypes,
    AdoptionSources adoptions,
    IOptions<JournalOptions> options,
    IOptions<SnapshotOptions> snapshotOptions,
    IOptions<SiloMessagingOptions> messaging,
    GranaryMetrics metrics,
    TimeProvider time,
    Factory<IGrainContext, ILogConsistencyProtocolServices> protocols,
    ILogger<JournalServices> logger)
{
    public IEventStore Store => store;

    /// <summary>How large what the store takes may be.</summary>
    public StoreLimits Limits => siloStore.Limits;

    public IAppendSender Appender => appender;

    /// <summary>Submissions to be used again, with their buffers: raising an event then costs neither.</summary>
    public BoundedPool<Submission> Submissions { get; } = new(static _ => new Submission());

    /// <summary>Runs a piece of work soon, on a thread of the pool.</summary>
    public Action<IThreadPoolWorkItem> RunOnPool { get; init; } =
        static work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: true);

    public ISnapshotStore Snapshots => snapshots;

    public ISnapshotPolicy SnapshotPolicy => snapshotPolicy;

    /// <summary>Whether the state of a truncated stream may come from a snapshot of other code.</summary>
    public bool AcceptsOldSnapshots => snapshotOptions.Value.AcceptOldOfTruncated;

    public SnapshotWriter SnapshotWriter => snapshotWriter;

    public IMetadataSource Metadata { get; } = CheckedMetadataSource.For(metadata);

    public EventTypeRegistry EventTypes => eventTypes;

    /// <summary>Where grains had their events before they were on Granary.</summary>
    public AdoptionSources Adoptions => adoptions;

    public JournalOptions Options => options.Value;

    /// <summary>How long an unavailable store is called again.</summary>
    public TimeSpan RetryTimeout { get; } = JournalOptionsValidator.RetryTimeoutOf(options.Value, messaging.Value);

    public GranaryMetrics Metrics => metrics;

    public TimeProvider Time => time;

    public ILogger Logger { get; } = logger.Guarded();

    /// <summary>Whether the time to retry what began at a time stamp has run out.</summary>
    public bool IsOverdue(long startedAt) => time.GetElapsedTime(startedAt) >= RetryTimeout;

    /// <summary>What Orleans gives a journal to report errors with.</summary>
    public ILogConsistencyProtocolServices ProtocolOf(IGrainContext context) => protocols(context);
}
