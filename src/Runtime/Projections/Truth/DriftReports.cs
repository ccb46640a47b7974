using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Granary.Runtime;

/// <summary>How many models of each stored projection differ from the log, as it was stored last.</summary>
internal sealed class DriftReports
{
    private readonly ConcurrentDictionary<string, int> _latest = new(StringComparer.Ordinal);

    /// <summary>Reports it at each collection of metrics.</summary>
    public static DriftReports Observed(IMeterFactory meters)
    {
        var reports = new DriftReports();
        meters.Create(GranaryNames.Meter).CreateObservableGauge(
            "granary.projection.drift",
            () => reports._latest.Select(static one => new Measurement<int>(
                one.Value, new KeyValuePair<string, object?>("granary.projection", one.Key))),
            "{model}",
            "Models that differ from what the log's events are folded into");
        return reports;
    }

    /// <summary>Sets how many models of a projection differ.</summary>
    public void Report(string projection, int drifted) => _latest[projection] = drifted;
}
