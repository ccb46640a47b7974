using Microsoft.Extensions.Logging;

namespace Granary.Client;

/// <summary>A client that starts before every silo waits for one, until it is stopped.</summary>
internal sealed partial class SiloWait(ClientSettings settings, TimeProvider time, ILogger<SiloWait> logger)
    : IClientConnectionRetryFilter
{
    // It is reported again each minute: it may be a wrong setting, which no waiting helps.
    private const int AttemptsPerReport = 60;

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private int _attempts;

    /// <inheritdoc />
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_attempts++ % AttemptsPerReport == 0)
        {
            Waits(
                settings.ClusterId, settings.Cluster.ToString().ToLowerInvariant(),
                exception.Message.Split('\n')[0].Trim());
        }

        await Task.Delay(Delay, time, cancellationToken);
        return true;
    }

    [LoggerMessage(1500, LogLevel.Warning,
        "The client waits for a silo of cluster {ClusterId} on {Cluster}; none can be reached: {Reason}")]
    private partial void Waits(string clusterId, string cluster, string reason);
}
