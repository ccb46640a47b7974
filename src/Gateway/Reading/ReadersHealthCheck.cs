using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Granary.Gateway;

/// <summary>
/// Whether the readers of the log keep up, in the whole cluster. Degraded where one is behind, has stopped or has
/// parked streams, or where models differ from the log: requests are still answered, and to restart the process makes
/// nothing better. A reader that was paused is as it should be.
/// </summary>
internal sealed class ReadersHealthCheck(IGrainFactory grains, IOptions<GranaryGatewayOptions> options) : IHealthCheck
{
    public const string Name = "granary-readers";

    private const int NamedMax = 10;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var projections = await grains.GetGrain<IProjectionsGrain>(0).ReadAll(cancellationToken);
        return ResultOf(
            await grains.GetGrain<IReadersGrain>(0).GetStatus(null, cancellationToken), projections,
            TimeSpan.FromMilliseconds(options.Value.ReadersLagMaxMs));
    }

    /// <summary>What the readers' health is.</summary>
    public static HealthCheckResult ResultOf(
        IReadOnlyList<ReaderStatus> statuses, IReadOnlyList<ProjectionView> projections, TimeSpan lagMax)
    {
        // A build that serves no queries is behind for as long as it is built, and nobody misses what it has not read.
        var unused = projections.SelectMany(static one => one.Builds)
            .Where(static one => one.State != BuildState.Published).Select(static one => one.Name)
            .ToHashSet(StringComparer.Ordinal);
        var faults = statuses
            .Select(one => FaultOf(one, unused.Contains(one.Name) ? TimeSpan.MaxValue : lagMax))
            .Concat(projections.Select(DriftOf)).OfType<string>().ToArray();
        if (faults.Length == 0) return HealthCheckResult.Healthy();
        var others = faults.Length > NamedMax ? $" And {faults.Length - NamedMax} more." : "";
        return HealthCheckResult.Degraded(
            $"{string.Join(' ', faults.Take(NamedMax))}{others} See /api/projections and /api/subscriptions.");
    }

    private static string? DriftOf(ProjectionView projection) =>
        projection.TruthCheck is { Drifted: { Count: > 0 } drifted }
            ? $"'{projection.Name}' has {drifted.Count} models that differ from the log."
            : null;

    private static string? FaultOf(ReaderStatus status, TimeSpan lagMax) => status switch
    {
        { State: ReaderState.Stopped } => $"'{status.Name}' has stopped at {status.Position}.",
        { State: not ReaderState.Paused } when status.LagTime > lagMax => string.Create(
            CultureInfo.InvariantCulture,
            $"'{status.Name}' is {status.LagTime.TotalSeconds:F0} s behind at {status.Position}."),
        { ParkedStreams: > 0 } =>
            $"'{status.Name}' has {status.ParkedStreams} parked streams in partition {status.Position.Partition}.",
        _ => null,
    };
}
