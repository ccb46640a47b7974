using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Granary.Gateway;

/// <summary>
/// Whether the readers of the log keep up: degraded where one is far behind, has stopped, or has parked streams.
/// Appends
/// and reads of streams do not depend on them.
/// </summary>
internal sealed class ReaderHealthCheck(IGrainFactory grains, IOptions<GranaryGatewayOptions> options) : IHealthCheck
{
    public const string Name = "granary-readers";

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var statuses = await grains.GetGrain<IReadersGrain>(0).GetStatus(null, cancellationToken);
        var faults = statuses.Select(Describe).OfType<string>().ToArray();
        return faults.Length == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(string.Join(" ", faults));
    }

    private string? Describe(ReaderStatus one)
    {
        if (one.State == ReaderState.Stopped) return $"{one.Name} has stopped in partition {one.Position.Partition}.";
        if (one.LagTime.TotalSeconds > options.Value.ReaderLagMaxSeconds && one.State != ReaderState.Paused)
            return $"{one.Name} is {one.Lag} events behind in partition {one.Position.Partition}.";
        return one.ParkedStreams > 0
            ? $"{one.Name} has {one.ParkedStreams} parked streams in partition {one.Position.Partition}."
            : null;
    }
}
