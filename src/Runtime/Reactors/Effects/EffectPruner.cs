using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>Removes old effects now and then while the silo is active. Without reactors it does nothing.</summary>
internal sealed class EffectPruner(
    IOptions<EffectLedgerOptions> options, IServiceProvider services, TimeProvider time, ILogger<EffectPruner> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private readonly ILogger _logger = logger.Guarded();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(EffectPruner), ServiceLifecycleStage.Active + 1, _ => Start(), StopAsync);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private Task Start()
    {
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        var pruning = new EffectPruning(ModelStores.Get(services), time, options.Value);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Value.IntervalMinutes), time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) await PruneAsync(pruning);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // What is left is found by the next silo.
        }
    }

    private async Task PruneAsync(EffectPruning pruning)
    {
        try
        {
            var removed = await pruning.RunAsync(_stopping.Token);
            if (removed > 0) ReactorLog.Pruned(_logger, removed);
        }
        catch (Exception fault) when (!_stopping.IsCancellationRequested)
        {
            ReactorLog.NotPruned(_logger, fault);
        }
    }
}
