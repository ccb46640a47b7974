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
        var found = await Table.FindAsync(Name, cancellationToken);
        var wanted = SubscriptionDocument.Of(settings, Uuid7.New(services.Time));
        if (found is { State: SubscriptionState.Active })
            return found.IsSame(wanted) ? false : throw new SubscriptionExistsException(
                Name, "It exists with other settings: delete it before, or choose another name.");
        if (found is { State: SubscriptionState.Deleting })
        {
            await EndAsync(found, cancellationToken);
            found = null;
        }

        if (found is null) await CheckNewAsync(cancellationToken);
        else if (await IsOfOtherAsync(cancellationToken)) throw InUse();
        await Table.ReplaceAsync(Name, found, wanted, cancellationToken);
        await BeginAsync(wanted, cancellationToken);
        await Table.ReplaceAsync(
            Name, wanted, wanted with { State = SubscriptionState.Active }, cancellationToken);
        foreach (var at in Partitions) await ReaderOf(at).Wake();
        return true;
    }

    /// <inheritdoc />
    public async Task<bool> Delete(CancellationToken cancellationToken = default)
    {
        await workers.EnsureTablesAsync(services.Models, cancellationToken);
        if (await Table.FindAsync(Name, cancellationToken) is not { } found) return false;
        await EndAsync(found, cancellationToken);
        return true;
    }

    // What is begun is finished by the next call, where this one fails in between.
    private async Task EndAsync(SubscriptionDocument found, CancellationToken cancellationToken)
    {
        var ending = found with { State = SubscriptionState.Deleting };
        if (found.State != SubscriptionState.Deleting)
            await Table.ReplaceAsync(Name, found, ending, cancellationToken);
        var keepsReader = await IsOfOtherAsync(cancellationToken);
        if (!keepsReader) await Task.WhenAll(Partitions.Select(EndAsync));
        await ClearAsync(keepsReader, cancellationToken);
        await Table.ReplaceAsync(Name, ending, null, cancellationToken);
    }

    // Where each partition begins is stored before the subscription is in use: no event that comes after is missed,
    // though its worker starts later.
    private async Task BeginAsync(SubscriptionDocument document, CancellationToken cancellationToken)
    {
        await ClearAsync(keepsReader: false, cancellationToken);
        var (definition, shared) = (SubscriptionWorkers.Define(Name, document), services.CreateShared());
        foreach (var at in Partitions)
            await SubscriptionRows.BeginAsync(definition, at, shared, cancellationToken);
    }

    private ValueTask ClearAsync(bool keepsReader, CancellationToken cancellationToken) =>
        new SubscriptionRows(services.Models)
            .DeleteAsync(Name, services.PartitionCount, keepsReader, cancellationToken);

    // Whether another reader has the name, of this silo or of another one: only such readers record that they have
    // begun. The subscription is not active while this is asked.
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

    private async ValueTask CheckNewAsync(CancellationToken cancellationToken)
    {
        var all = await Table.ReadAsync(cancellationToken);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.SubscriptionsMax, all.Count + 1, "number of durable subscriptions",
            "Delete those that are not used.");
        if (await IsInUseAsync(cancellationToken)) throw InUse();
    }

    private SubscriptionExistsException InUse() =>
        new(Name, "Another reader of the log has this name: choose another one.");

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
