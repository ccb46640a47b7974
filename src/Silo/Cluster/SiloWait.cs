namespace Granary.Silo;

/// <summary>A gateway that starts before every silo waits for one, until it is stopped.</summary>
internal sealed partial class SiloWait(GranarySiloOptions options, TimeProvider time, ILogger<SiloWait> logger)
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
            Waits(options.ClusterId, Setting.Word(options.Cluster), exception.Message.Split('\n')[0].Trim());
        await Task.Delay(Delay, time, cancellationToken);
        return true;
    }

    [LoggerMessage(1500, LogLevel.Warning,
        "The gateway waits for a silo of cluster {ClusterId} on {Cluster}; none can be reached: {Reason}")]
    private partial void Waits(string clusterId, string cluster, string reason);
}
