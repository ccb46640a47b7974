using System.Diagnostics.Metrics;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Observability;

public sealed class ReaderMetricsTests
{
    [Fact]
    public void A_reader_is_measured_in_each_partition_for_as_long_as_its_worker_runs_here()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var measured = new Measured(meters);
        var reports = ReaderMetrics.Observed(meters, new ReaderReports());
        reports.Report(new ReaderStatus
        {
            Name = "mailer",
            Kind = ReaderKind.Reactor,
            Position = new LogPosition(new LogPartition(1), new GlobalPosition(7)),
            End = new GlobalPosition(10),
            State = ReaderState.Stopped,
            LagTime = TimeSpan.FromSeconds(1.5),
            Rate = 2.5,
            ParkedStreams = 4,
        });
        measured.Observe();

        const string tags = "granary.reader=mailer granary.partition=1";
        Assert.Equal([$"3 {{event}} {tags}"], measured.Of("granary.reader.lag"));
        Assert.Equal([$"1.5 s {tags}"], measured.Of("granary.reader.lag.time"));
        Assert.Equal([$"2.5 {{event}}/s {tags}"], measured.Of("granary.reader.rate"));
        Assert.Equal([$"4 {{stream}} {tags}"], measured.Of("granary.reader.parked"));
        Assert.Equal([$"1 {{reader}} {tags}"], measured.Of("granary.reader.stopped"));

        reports.Remove("mailer", new LogPartition(1));
        measured.Observe();
        Assert.Single(measured.Of("granary.reader.lag"));
    }
}
