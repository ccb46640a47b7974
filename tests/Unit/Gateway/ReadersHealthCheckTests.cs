using Granary.Gateway;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Granary.Tests.Unit.Gateway;

public sealed class ReadersHealthCheckTests
{
    private static readonly TimeSpan LagMax = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(ReaderState.Live, 60, HealthStatus.Healthy)]
    [InlineData(ReaderState.Live, 61, HealthStatus.Degraded)]
    [InlineData(ReaderState.CatchingUp, 61, HealthStatus.Degraded)]
    [InlineData(ReaderState.Stopped, 0, HealthStatus.Degraded)]
    [InlineData(ReaderState.Paused, 3_600, HealthStatus.Healthy)]
    public void A_reader_that_is_behind_or_has_stopped_degrades_health(
        ReaderState state, int lagSeconds, HealthStatus expected)
    {
        var result = ReadersHealthCheck.ResultOf([Status("mailer", state, lagSeconds)], [], LagMax);
        Assert.Equal(expected, result.Status);
        if (expected == HealthStatus.Degraded)
            Assert.Contains("'mailer'", result.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BuildState.Published, HealthStatus.Degraded)]
    [InlineData(BuildState.Building, HealthStatus.Healthy)]
    public void A_build_that_serves_no_queries_may_be_behind(BuildState state, HealthStatus expected)
    {
        var build = new BuildView { Name = "balances_v2", Version = 2, State = state };
        var view = new ProjectionView("balances", 2, new Dictionary<string, ModelColumnKind>(), [build]);
        var result = ReadersHealthCheck.ResultOf(
            [Status("balances_v2", ReaderState.CatchingUp, 3_600)], [view], LagMax);
        Assert.Equal(expected, result.Status);
        var stopped = ReadersHealthCheck.ResultOf([Status("balances_v2", ReaderState.Stopped, 0)], [view], LagMax);
        Assert.Equal(HealthStatus.Degraded, stopped.Status);
    }

    [Fact]
    public void Not_more_than_ten_are_named()
    {
        var all = Enumerable.Range(0, 12).Select(static one => Status($"r{one}", ReaderState.Stopped, 0)).ToArray();
        var text = ReadersHealthCheck.ResultOf(all, [], LagMax).Description;
        Assert.Contains("'r9'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("'r10'", text, StringComparison.Ordinal);
        Assert.Contains("And 2 more.", text, StringComparison.Ordinal);
    }

    private static ReaderStatus Status(string name, ReaderState state, int lagSeconds) => new()
    {
        Name = name,
        Kind = ReaderKind.Reactor,
        Position = LogPosition.StartOf(new LogPartition(0)),
        End = new GlobalPosition(9),
        State = state,
        LagTime = TimeSpan.FromSeconds(lagSeconds),
    };
}
