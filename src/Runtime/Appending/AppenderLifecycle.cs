using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Makes the store ready before any grain can run, and drains the appender when none runs any more: grains deactivate,
/// and confirm what they still hold, in later stages of the silo's lifecycle. In between, what was cleared is removed.
/// </summary>
internal sealed class AppenderLifecycle(
    SiloStore store, Appender appender, Scrubber scrubber, ILogger<AppenderLifecycle> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly ILogger _logger = logger.Guarded();

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(AppenderLifecycle), ServiceLifecycleStage.RuntimeStorageServices, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var description = await store.InitializeAsync(cancellationToken);
            AppenderLog.StoreReady(_logger, description.StoreId, description.PartitionCount);
        }
        catch (Exception error)
        {
            AppenderLog.StoreNotReady(_logger, error);
            throw;
        }

        scrubber.Start();
    }

    private Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(scrubber.StopAsync(cancellationToken), appender.DrainAsync(cancellationToken));
}
