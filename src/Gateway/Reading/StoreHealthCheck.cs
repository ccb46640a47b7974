using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Granary.Gateway;

/// <summary>Whether the store can be read. In a silo it is read directly: no other reader is waited for.</summary>
internal sealed class StoreHealthCheck(EventReader reader) : IHealthCheck
{
    public const string Name = "granary-store";

    private static readonly StreamName Stream = new("health", "ready");

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await reader.ReadHeadAsync(Stream, cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
