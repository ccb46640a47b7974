namespace Granary.Silo;

/// <summary>A gateway that starts before every silo waits for one, until it is stopped.</summary>
internal sealed partial class SiloWait(TimeProvider time, ILogger<SiloWait> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private bool _isReported;

    /// <inheritdoc />
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (!_isReported) Waits();
        _isReported = true;
        await Task.Delay(Delay, time, cancellationToken);
        return true;
    }

    [LoggerMessage(1500, LogLevel.Warning, "The gateway waits for a silo of its cluster: none can be reached yet")]
    private partial void Waits();
}
