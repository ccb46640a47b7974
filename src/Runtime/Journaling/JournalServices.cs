using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>What all journals of a silo share.</summary>
internal sealed class JournalServices(
    IEventStore store,
    Appender appender,
    ISnapshotStore snapshots,
    SnapshotPolicy snapshotPolicy,
    SnapshotWriter snapshotWriter,
    IMetadataSource metadata,
    EventTypeRegistry eventTypes,
    IOptions<JournalOptions> options,
    GranaryMetrics metrics,
    TimeProvider time,
    Factory<IGrainContext, ILogConsistencyProtocolServices> protocols,
    ILogger<JournalServices> logger)
{
    public IEventStore Store => store;

    public Appender Appender => appender;

    /// <summary>Submissions to be used again, with their buffers: raising an event then costs neither.</summary>
    public BoundedPool<Submission> Submissions { get; } = new(static _ => new Submission());

    public ISnapshotStore Snapshots => snapshots;

    public SnapshotPolicy SnapshotPolicy => snapshotPolicy;

    public SnapshotWriter SnapshotWriter => snapshotWriter;

    public IMetadataSource Metadata => metadata;

    public EventTypeRegistry EventTypes => eventTypes;

    public JournalOptions Options => options.Value;

    public GranaryMetrics Metrics => metrics;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    /// <summary>What Orleans gives a journal to tell trouble with.</summary>
    public ILogConsistencyProtocolServices ProtocolOf(IGrainContext context) => protocols(context);
}
