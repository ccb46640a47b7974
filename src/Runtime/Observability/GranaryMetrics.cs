using System.Diagnostics.Metrics;

namespace Granary.Runtime;

/// <summary>Everything that Granary measures in a silo, under the meter <c>Granary</c>.</summary>
internal sealed class GranaryMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Granary";

    private readonly Histogram<double> _appendDuration;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<int> _batchEvents;
    private readonly Counter<long> _events;
    private readonly Counter<long> _bytes;
    private readonly UpDownCounter<long> _queued;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _retries;
    private readonly Histogram<long> _replayEvents;
    private readonly Histogram<double> _replayDuration;
    private readonly Counter<long> _snapshotHits;
    private readonly Counter<long> _snapshotMisses;

    public GranaryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _appendDuration = meter.CreateHistogram<double>("granary.append.duration", "s", "From queued to answered");
        _commitDuration = meter.CreateHistogram<double>("granary.commit.duration", "s", "One commit of the store");
        _batchEvents = meter.CreateHistogram<int>("granary.batch.events", "{event}", "Events in one commit");
        _events = meter.CreateCounter<long>("granary.events.appended", "{event}", "Events stored");
        _bytes = meter.CreateCounter<long>("granary.bytes.appended", "By", "Payload and metadata stored");
        _queued = meter.CreateUpDownCounter<long>("granary.appender.queue.length", "{append}", "Appends that wait");
        _conflicts = meter.CreateCounter<long>("granary.append.conflicts", "{append}", "Appends that lost a race");
        _retries = meter.CreateCounter<long>("granary.append.retries", "{try}", "Store calls tried again");
        _replayEvents = meter.CreateHistogram<long>("granary.replay.events", "{event}", "Events folded at activation");
        _replayDuration = meter.CreateHistogram<double>("granary.replay.duration", "s", "Loading at activation");
        _snapshotHits = meter.CreateCounter<long>("granary.snapshot.hits", "{snapshot}", "Loads that began at a snapshot");
        _snapshotMisses = meter.CreateCounter<long>("granary.snapshot.misses", "{snapshot}", "Loads without a snapshot");
    }

    public void Queued(int change) => _queued.Add(change);

    public void Answered(Append append, AppendOutcome outcome, TimeSpan took)
    {
        _appendDuration.Record(took.TotalSeconds);
        if (outcome == AppendOutcome.Conflict) _conflicts.Add(1);
        if (outcome != AppendOutcome.Appended) return;
        _events.Add(append.Events.Count);
        _bytes.Add(append.Size);
    }

    public void Committed(int events, TimeSpan took)
    {
        _batchEvents.Record(events);
        _commitDuration.Record(took.TotalSeconds);
    }

    public void Retried() => _retries.Add(1);

    public void Replayed(long events, TimeSpan took)
    {
        _replayEvents.Record(events);
        _replayDuration.Record(took.TotalSeconds);
    }

    public void SnapshotLooked(bool hit) => (hit ? _snapshotHits : _snapshotMisses).Add(1);
}
