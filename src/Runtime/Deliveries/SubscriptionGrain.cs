namespace Granary.Runtime;

/// <inheritdoc cref="ISubscriptionGrain" />
internal sealed class SubscriptionGrain(
    WorkerRegistry registry, IEnumerable<IReaderNames> names, SubscriptionWorkers workers, FollowingServices services)
    : Grain, ISubscriptionGrain
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    private string Name => this.GetPrimaryKeyString();

    private SubscriptionTable Table => new(services.Models);

    private IEnumerable<LogPartition> Partitions =>
        Enumerable.Range(0, services.PartitionCount).Select(static at => new LogPartition(at));

    /// <inheritdoc />
    public async Task<bool> Create(SubscriptionSettings settings, CancellationToken cancellationToken = default)
    {
        await workers.EnsureTablesAsync(services.Models, cancellationToken);
        var wanted = SubscriptionDocument.Of(settings);
        var all = await Table.ReadAsync(cancellationToken);
        if (!all.TryGetValue(Name, out var stored))
        {
            LimitExceededException.ThrowIfOver(
                GranaryLimits.SubscriptionsMax, all.Count + 1, "number of durable subscriptions",
                "Delete those that are not used.");
            if (await IsInUseAsync(cancellationToken)) throw new SubscriptionExistsException(Name, true);
            await BeginAsync(settings, cancellationToken);
            (stored, var added) = await Table.AddAsync(Name, wanted, cancellationToken);
            if (added)
            {
                foreach (var at in Partitions) await ReaderOf(at).Wake();
                return true;
            }
        }

        return stored.IsSame(wanted) ? false : throw new SubscriptionExistsException(Name, false);
    }

    /// <inheritdoc />
    public async Task<bool> Delete(CancellationToken cancellationToken = default)
    {
        await workers.EnsureTablesAsync(services.Models, cancellationToken);
        if (!await Table.DeleteAsync(Name, cancellationToken)) return false;
        await Task.WhenAll(Partitions.Select(EndAsync));
        await ClearAsync(cancellationToken);
        return true;
    }

    // Where each partition begins is stored before the subscription is: no event that comes after is missed, though
    // its worker starts later.
    private async Task BeginAsync(SubscriptionSettings settings, CancellationToken cancellationToken)
    {
        await ClearAsync(cancellationToken);
        var (definition, shared) = (SubscriptionWorkers.Define(Name, settings), services.CreateShared());
        foreach (var at in Partitions)
            await new WorkerCheckpoint(definition, at, shared).TakeOverAsync(cancellationToken);
    }

    private async Task ClearAsync(CancellationToken cancellationToken)
    {
        await services.Models.DeleteCheckpointsAsync(Name, cancellationToken);
        var rows = new ReaderRows(services.Models);
        await rows.DeleteAsync(
            DeliveryTables.Deliveries, DeliveryTables.Deliveries.Columns[0], Name, cancellationToken);
        await rows.DeleteAsync(Name, cancellationToken);
    }

    // A worker that does not answer is fenced off: its checkpoint is deleted.
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
        catch (Exception fault) when (fault is TimeoutException or SiloUnavailableException)
        {
            FollowingLog.NotWoken(services.Logger, fault, Name, partition);
        }
    }

    private async ValueTask<bool> IsInUseAsync(CancellationToken cancellationToken)
    {
        if (await registry.FindAsync(Name, cancellationToken) is not null) return true;
        foreach (var one in names)
        {
            if (await one.ResolveAsync(Name, cancellationToken) is not null) return true;
        }

        return false;
    }

    private IReaderGrain ReaderOf(LogPartition partition) =>
        GrainFactory.GetGrain<IReaderGrain>(ReaderKeys.Of(Name, partition));
}
