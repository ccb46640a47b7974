namespace Granary.Runtime;

/// <inheritdoc cref="ISubscriptionGrain" />
internal sealed class SubscriptionGrain(
    WorkerRegistry registry, IEnumerable<IReaderNames> names, SubscriptionWorkers workers, FollowingServices services)
    : Grain, ISubscriptionGrain
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    private string Name => this.GetPrimaryKeyString();

    private IEnumerable<LogPartition> Partitions =>
        Enumerable.Range(0, services.PartitionCount).Select(static at => new LogPartition(at));

    private SubscriptionSteps Steps => new(Name, services.PartitionCount, services.CreateShared())
    {
        IsOfOther = IsOfOtherAsync,
        IsInUse = IsInUseAsync,
        EndWorkers = () => Task.WhenAll(Partitions.Select(EndAsync)),
    };

    /// <inheritdoc />
    public async Task<bool> Create(SubscriptionSettings settings, CancellationToken cancellationToken = default)
    {
        await workers.EnsureTablesAsync(services.Models, cancellationToken);
        if (!await Steps.CreateAsync(settings, cancellationToken)) return false;
        foreach (var at in Partitions) await ReaderOf(at).Wake();
        return true;
    }

    /// <inheritdoc />
    public async Task<bool> Delete(CancellationToken cancellationToken = default)
    {
        await workers.EnsureTablesAsync(services.Models, cancellationToken);
        return await Steps.DeleteAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task Finish(CancellationToken cancellationToken = default)
    {
        if (await Steps.FinishAsync(CancellationToken.None))
            FollowingLog.Finished(services.Logger, Name);
    }

    // Whether another reader has the name, of this silo or of another one: only such readers record that they have
    // begun.
    private async ValueTask<bool> IsOfOtherAsync(CancellationToken cancellationToken)
    {
        if (await registry.FindAsync(Name, cancellationToken) is not null) return true;
        var begun = new BegunReaders(services.Models);
        foreach (var at in Partitions)
        {
            if ((await begun.ReadAsync([Name], at, cancellationToken)).Count > 0) return true;
        }

        return false;
    }

    // A worker that does not answer is fenced off: the row that its next commit expects is deleted.
    private async Task EndAsync(LogPartition partition)
    {
        try
        {
            await ReaderOf(partition).Steer();
            await GrainFactory.GetGrain<IDeliveryGrain>(ReaderKeys.Of(Name, partition)).WaitUntilEnded(EndMax);
        }
        catch (ReaderUnknownException)
        {
            // It does not run.
        }
        catch (Exception fault) when (fault is TimeoutException or OrleansMessageRejectionException)
        {
            FollowingLog.NotWoken(services.Logger, fault, Name, partition);
        }
    }

    // Also by a reader whose code another silo has: it has a checkpoint.
    private async ValueTask<bool> IsInUseAsync(CancellationToken cancellationToken)
    {
        if (await registry.FindAsync(Name, cancellationToken) is not null) return true;
        foreach (var one in names)
        {
            if (await one.ResolveAsync(Name, cancellationToken) is not null) return true;
        }

        foreach (var at in Partitions)
        {
            if (await services.Models.ReadCheckpointAsync(Name, at, cancellationToken) is not null) return true;
        }

        return false;
    }

    private IReaderGrain ReaderOf(LogPartition partition) =>
        GrainFactory.GetGrain<IReaderGrain>(ReaderKeys.Of(Name, partition));
}
