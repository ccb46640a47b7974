using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>What Orleans' statistics of a journaled grain count.</summary>
internal sealed class JournalStatistics
{
    // The latencies are a sample: Orleans' own list has no bound, this one keeps the last thousand.
    private const int LatenciesMax = 1_000;

    public LogConsistencyStatistics Counted { get; } = new()
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

    public void Count(string counter) => Counted.EventCounters[counter]++;

    public void CountLatency(TimeSpan latency)
    {
        var latencies = Counted.StabilizationLatenciesInMsecs;
        if (latencies.Count >= LatenciesMax) latencies.RemoveRange(0, LatenciesMax / 2);
        latencies.Add((int)latency.TotalMilliseconds);
    }
}
