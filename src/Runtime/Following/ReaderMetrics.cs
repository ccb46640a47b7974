using System.Diagnostics.Metrics;

namespace Granary.Runtime;

/// <summary>
/// What the readers of the log report as metrics, each in every partition, by the silo that does the work.
/// </summary>
internal static class ReaderMetrics
{
    /// <summary>Observes reports at each collection.</summary>
    public static ReaderReports Observed(IMeterFactory meters, ReaderReports reports)
    {
        var meter = meters.Create(GranaryNames.Meter);
        Observe("granary.reader.lag", "{event}", "Events that a reader of the log has not passed", one => one.Lag);
        Observe(
            "granary.reader.lag.time", "s", "How long ago the first of them was recorded",
            one => one.LagTime.TotalSeconds);
        Observe("granary.reader.rate", "{event}/s", "Events passed in a second, over a minute", one => one.Rate);
        Observe("granary.reader.parked", "{stream}", "Streams whose events wait", one => one.ParkedStreams);
        Observe(
            "granary.reader.stopped", "{reader}", "1 where a reader has stopped because of an error",
            one => one.State == ReaderState.Stopped ? 1 : 0);
        return reports;

        void Observe(string name, string unit, string description, Func<ReaderStatus, double> read) =>
            meter.CreateObservableGauge(
                name, () => reports.Latest.Select(one => new Measurement<double>(read(one), TagsOf(one))), unit,
                description);
    }

    private static KeyValuePair<string, object?>[] TagsOf(ReaderStatus status) =>
        [new("granary.reader", status.Name), GranaryMetrics.TagOf(status.Position.Partition)];
}
