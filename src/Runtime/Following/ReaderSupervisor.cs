using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Keeps the readers of the log running: wakes the grain of each in every partition, at the silo's start and every few
/// seconds. Every silo does so; a grain that runs already does nothing.
/// </summary>
internal sealed class ReaderSupervisor(
    WorkerRegistry registry,
    FollowingServices following,
    IEnumerable<ISupervised> supervised,
    IEventStore store,
    IServiceProvider services,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<ReaderSupervisor> logger) : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    /// <summary>How often.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // What a worker has read just before is as good.
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(1);

    // One that does not answer delays no other.
    private const int WakesMax = 16;

    private readonly ILogger _logger = logger.Guarded();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle)
    {
        // Retention looks at the readers' checkpoints, and begins when the silo is active.
        lifecycle.Subscribe(nameof(ReaderSupervisor), ServiceLifecycleStage.Active, InitializeAsync);
        lifecycle.Subscribe(nameof(ReaderSupervisor), ServiceLifecycleStage.Active + 1, Start, StopAsync);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    /// <summary>Wakes all once.</summary>
    public async Task WakeAllAsync(CancellationToken cancellationToken)
    {
        foreach (var one in supervised) await TryAsync(one.SuperviseAsync, cancellationToken);
        var orders = await following.Watch.ReadAsync(AgeMax, cancellationToken);
        if (orders.Readers is not { } readers) return;
        var all = from definition in registry.Merge(readers)
            from at in Enumerable.Range(0, store.PartitionCount)
            select (definition.Name, Partition: new LogPartition(at));
        await Parallel.ForEachAsync(
            all,
            new ParallelOptions { MaxDegreeOfParallelism = WakesMax, CancellationToken = cancellationToken },
            async (one, _) => await WakeAsync(one.Name, one.Partition));
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<IModelStore>() is not { } models) return;
        await models.InitializeAsync(cancellationToken);
        await models.CreateTableAsync(ReaderTables.Readers, cancellationToken);
        await models.CreateTableAsync(ReaderTables.Parked, cancellationToken);
        await models.CreateTableAsync(DriftTable.Table, cancellationToken);
    }

    private Task Start(CancellationToken cancellationToken)
    {
        if (services.GetService<IModelStore>() is null) return Task.CompletedTask;
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
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await TryAsync(WakeAllAsync, _stopping.Token);
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Another silo keeps them running.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            FollowingLog.NotListed(_logger, fault);
        }
    }

    private async Task WakeAsync(string name, LogPartition partition)
    {
        try
        {
            await grains.GetGrain<IReaderGrain>(ReaderKeys.Of(name, partition)).Wake();
        }
        catch (Exception fault) when (!_stopping.IsCancellationRequested)
        {
            FollowingLog.NotWoken(_logger, fault, name, partition);
        }
    }
}
