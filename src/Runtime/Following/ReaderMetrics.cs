using System.Diagnostics.Metrics;

namespace Granary.Runtime;

/// <summary>Measures the readers of the log whose workers run in this silo, as they were reported last.</summary>
internal sealed class ReaderMetrics(IMeterFactory meters, ReaderReports reports)
{
    /// <summary>Begins; called once.</summary>
    public void Observe()
    {
        var meter = meters.Create(GranaryNames.Meter);
        meter.CreateObservableGauge(
            "granary.reader.lag", () => Measure(static one => one.Lag), "{event}",
            "Events of the partition that the reader has not passed");
        meter.CreateObservableGauge(
            "granary.reader.lag.time", () => Measure(static one => one.LagTime.TotalSeconds), "s",
            "How long ago the first event that the reader has not passed was recorded");
        meter.CreateObservableGauge(
            "granary.reader.rate", () => Measure(static one => one.Rate), "{event}/s",
            "Events that the reader passed in a second, over the last minute");
        meter.CreateObservableGauge(
            "granary.reader.parked", () => Measure(static one => one.ParkedStreams), "{stream}",
            "Streams whose events wait, because one could not be handled");
        meter.CreateObservableGauge(
            "granary.reader.stopped",
            () => Measure(static one => one.State == ReaderState.Stopped ? 1 : 0), "{reader}",
            "1 where the reader has stopped because of an error");
    }

    private IEnumerable<Measurement<T>> Measure<T>(Func<ReaderStatus, T> read)
        where T : struct => reports.Latest.Select(one => new Measurement<T>(
            read(one), new("granary.reader", one.Name), GranaryMetrics.TagOf(one.Position.Partition)));
}
