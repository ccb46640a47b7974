using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Has models checked at each interval while the silo is active. A round is ended when the silo stops.
/// </summary>
internal sealed class TruthCheckRunner(
    TruthCheck check,
    ProjectionWorkers workers,
    DriftReports reports,
    IOptions<TruthCheckOptions> options,
    IServiceProvider services) : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(TruthCheckRunner), ServiceLifecycleStage.Active + 1, _ => Start(), StopAsync);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    /// <summary>Starts, where there is something to check.</summary>
    public Task Start()
    {
        if (!options.Value.Enabled || services.GetService<IModelStore>() is null) return Task.CompletedTask;
        foreach (var one in workers.Projections) reports.Report(one.Name, 0);
        if (workers.Projections.All(static one => one.StreamFault is not null)) return Task.CompletedTask;
        var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.IntervalMs), _time);
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(() => RunAsync(timer), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(PeriodicTimer timer)
    {
        using var owned = timer;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) await check.RunRoundAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Another silo, or the next start, checks other models.
        }
    }
}
