using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>Everything that Granary measures in a silo, under the meter <see cref="GranaryNames.Meter"/>.</summary>
internal sealed class GranaryMetrics
{
    // A tag's value is an object: boxed once for each partition, not once for each commit.
    private static readonly object[] Partitions = [.. Enumerable.Range(0, 64).Cast<object>()];

    // Exporters' default buckets are for milliseconds. These are for seconds, from a fast sync to a retry budget.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
        ],
    };

    private static readonly InstrumentAdvice<int> BatchCounts = new()
    {
        HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
    };

    private static readonly InstrumentAdvice<long> ReplayCounts = new()
    {
        HistogramBucketBoundaries = [0, 1, 10, 50, 100, 250, 500, 1_000, 2_500, 10_000, 100_000, 1_000_000],
    };

    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly Histogram<double> _appendDuration;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<int> _batchAppends;
    private readonly Histogram<int> _batchEvents;
    private readonly Counter<long> _events;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _retries;
    private readonly Histogram<long> _replayEvents;
    private readonly Histogram<double> _replayDuration;
    private readonly Counter<long> _snapshotHits;
    private readonly Counter<long> _snapshotMisses;

    public GranaryMetrics(IMeterFactory meters, ILogger<GranaryMetrics> logger)
    {
        _logger = logger.Guarded();
        var meter = _meter = meters.Create(GranaryNames.Meter);
        _appendDuration = meter.CreateHistogram(
            "granary.append.duration", "s", "From queued to answered", tags: null, Seconds);
        _commitDuration = meter.CreateHistogram(
            "granary.commit.duration", "s", "One commit of the store", tags: null, Seconds);
        _batchAppends = meter.CreateHistogram(
            "granary.batch.appends", "{append}", "Appends in one commit", tags: null, BatchCounts);
        _batchEvents = meter.CreateHistogram(
            "granary.batch.events", "{event}", "Events in one commit", tags: null, BatchCounts);
        _events = meter.CreateCounter<long>("granary.events.appended", "{event}", "Events stored");
        _bytes = meter.CreateCounter<long>("granary.bytes.appended", "By", "Payload and metadata stored");
        _conflicts = meter.CreateCounter<long>("granary.append.conflicts", "{append}", "Appends that lost a race");
        _failures = meter.CreateCounter<long>("granary.append.failures", "{append}", "Appends that ended in an error");
        _retries = meter.CreateCounter<long>("granary.append.retries", "{try}", "Store calls tried again");
        _replayEvents = meter.CreateHistogram(
            "granary.replay.events", "{event}", "Events folded at activation", tags: null, ReplayCounts);
        _replayDuration = meter.CreateHistogram(
            "granary.replay.duration", "s", "Loading at activation", tags: null, Seconds);
        _snapshotHits = meter.CreateCounter<long>("granary.snapshot.hits", "{snapshot}", "Loads from a snapshot");
        _snapshotMisses = meter.CreateCounter<long>("granary.snapshot.misses", "{snapshot}", "Loads from the start");
    }

    /// <summary>Observes the queues' lengths at each collection.</summary>
    public void ObserveQueues(Func<IEnumerable<Measurement<int>>> lengths) =>
        _meter.CreateObservableUpDownCounter("granary.appender.queue.length", lengths, "{append}", "Appends that wait");

    /// <summary>The tag that names a partition.</summary>
    public static KeyValuePair<string, object?> TagOf(LogPartition partition) =>
        new("granary.partition", partition.Value < Partitions.Length ? Partitions[partition.Value] : partition.Value);

    public void Answered(Append append, AppendOutcome outcome, TimeSpan took) => Measure(
        (append, outcome, took), static (self, answer) =>
        {
            self._appendDuration.Record(answer.took.TotalSeconds);
            if (answer.outcome == AppendOutcome.Conflict) self._conflicts.Add(1);
            if (answer.outcome != AppendOutcome.Appended) return;
            self._events.Add(answer.append.Events.Count);
            self._bytes.Add(answer.append.Size);
        });

    public void Failed() => Measure(0, static (self, _) => self._failures.Add(1));

    public void Committed(AppendBatch batch, TimeSpan took)
    {
        if (!_batchAppends.Enabled && !_batchEvents.Enabled && !_commitDuration.Enabled) return;
        Measure((batch, took), static (self, commit) =>
        {
            var partition = TagOf(commit.batch.Partition);
            self._batchAppends.Record(commit.batch.Appends.Count, partition);
            self._batchEvents.Record(
                commit.batch.Appends.Sum(static append => append.Events.Count), partition);
            self._commitDuration.Record(commit.took.TotalSeconds, partition);
        });
    }

    public void Retried() => Measure(0, static (self, _) => self._retries.Add(1));

    public void Replayed(long events, TimeSpan took) => Measure((events, took), static (self, replay) =>
    {
        self._replayEvents.Record(replay.events);
        self._replayDuration.Record(replay.took.TotalSeconds);
    });

    public void SnapshotLooked(bool hit) =>
        Measure(hit, static (self, isHit) => (isHit ? self._snapshotHits : self._snapshotMisses).Add(1));

    // A listener is called at once, and is the application's code: its error must not fail what is measured.
    private void Measure<T>(in T measured, Action<GranaryMetrics, T> record)
    {
        try
        {
            record(this, measured);
        }
        catch (Exception error)
        {
            ObserverLog.NotMeasured(_logger, error);
        }
    }
}
