using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Applies the rules of retention, one after the other, while the silo is active: at its start, and then at each
/// interval. Without rules it does nothing.
/// </summary>
internal sealed class RetentionRunner(
    IOptions<RetentionOptions> options, RetentionPass pass, TimeProvider time, ILogger<RetentionRunner> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private static readonly TimeSpan ClockSetMax = TimeSpan.FromMinutes(5);

    private readonly ILogger _logger = logger.Guarded();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(RetentionRunner), ServiceLifecycleStage.Active + 1, _ => Start(), StopAsync);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private Task Start()
    {
        if (options.Value.Rules.Count == 0) return Task.CompletedTask;
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // A clock that is wrong when the silo starts is set soon. One that was set since the last pass may have been wrong
    // then, or may be wrong now.
    private async Task RunAsync()
    {
        var (wall, monotonic, knowsTime) = (time.GetUtcNow(), time.GetTimestamp(), false);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Value.IntervalMinutes), time);
        try
        {
            do
            {
                foreach (var (category, rule) in options.Value.Rules) await ApplyAsync(category, rule, knowsTime);
                if (!await timer.WaitForNextTickAsync(_stopping.Token)) return;
                var set = time.GetUtcNow() - wall - time.GetElapsedTime(monotonic);
                (wall, monotonic, knowsTime) = (time.GetUtcNow(), time.GetTimestamp(), set.Duration() < ClockSetMax);
                if (!knowsTime) RetentionLog.ClockWasSet(_logger, set.TotalSeconds);
            }
            while (true);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // What is left is found by the next pass, of any silo.
        }
    }

    private async Task ApplyAsync(string category, RetentionRule rule, bool knowsTime)
    {
        try
        {
            await pass.RunAsync(category, rule, knowsTime, _stopping.Token);
        }
        catch (Exception fault) when (!_stopping.IsCancellationRequested)
        {
            RetentionLog.NotApplied(_logger, fault, category);
        }
    }
}
