using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>Brings the calls of the consumers of durable subscriptions to the workers of the partitions.</summary>
[StatelessWorker, Reentrant]
internal sealed class SubscriptionsGrain(SubscriptionWorkers workers, FollowingServices services)
    : Grain, ISubscriptionsGrain
{
    private int _first;

    private SubscriptionTable Table => new(services.Models);

    /// <inheritdoc />
    public Task<bool> Create(
        string name, SubscriptionSettings settings, CancellationToken cancellationToken = default)
    {
        ReactorNames.Check(name);
        settings.Check();
        return GrainFactory.GetGrain<ISubscriptionGrain>(name).Create(settings, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<SubscriptionSettings?> Find(string name, CancellationToken cancellationToken = default)
    {
        await workers.EnsureTablesAsync(services.Models, cancellationToken);
        return await Table.FindAsync(name, cancellationToken) is { State: SubscriptionState.Active } found
            ? found.ToSettings()
            : null;
    }

    /// <inheritdoc />
    public Task<bool> Delete(string name, CancellationToken cancellationToken = default) =>
        ReactorNames.IsName(name)
            ? GrainFactory.GetGrain<ISubscriptionGrain>(name).Delete(cancellationToken)
            : Task.FromResult(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Delivery>> Next(
        string name, int limit, TimeSpan? lease = null, TimeSpan wait = default,
        CancellationToken cancellationToken = default)
    {
        if (limit is < 1 or > GranaryLimits.PageSizeMax)
            throw new ArgumentException($"One call asks for 1 to {GranaryLimits.PageSizeMax} events; not for {limit}.");
        if (lease is { } given) SubscriptionSettings.CheckLease(given);
        if (wait < TimeSpan.Zero || wait > SubscriptionSettings.WaitMax)
            throw new ArgumentException($"A call waits 0 to {SubscriptionSettings.WaitMax}; {wait} is not allowed.");
        var began = services.Time.GetTimestamp();
        while (true)
        {
            var events = await NextNowAsync(name, limit, lease, cancellationToken);
            var left = wait - services.Time.GetElapsedTime(began);
            if (events.Count > 0 || left <= TimeSpan.Zero) return events;
            await WaitUntilReadyAsync(name, left, cancellationToken);
        }
    }

    /// <inheritdoc />
    public Task<LeaseAnswer> Ack(
        string name, IReadOnlyList<string> leases, CancellationToken cancellationToken = default) =>
        EndAsync(name, leases, null, cancellationToken);

    /// <inheritdoc />
    public Task<LeaseAnswer> Nack(
        string name, IReadOnlyList<string> leases, LeaseRefusal refusal, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        if (refusal.Delay is { } delay) SubscriptionSettings.CheckDelay(delay);
        return EndAsync(name, leases, refusal, cancellationToken);
    }

    private IEnumerable<LogPartition> Partitions =>
        Enumerable.Range(0, services.PartitionCount).Select(static at => new LogPartition(at));

    // The partitions take turns, so that none waits for ever because of those before it.
    private async Task<IReadOnlyList<Delivery>> NextNowAsync(
        string name, int limit, TimeSpan? lease, CancellationToken cancellationToken)
    {
        var (all, bytes, first) = (new List<Delivery>(), 0L, _first++ & int.MaxValue);
        for (var i = 0; i < services.PartitionCount; i++)
        {
            var at = new LogPartition((first + i) % services.PartitionCount);
            try
            {
                var events = await CallAsync(name, at, one => one.Next(limit - all.Count, lease, cancellationToken));
                all.AddRange(events);
                bytes += events.Sum(static one => (long)one.Event.Payload.Length);
            }
            catch (Exception fault) when (all.Count > 0 && fault is SubscriptionUnavailableException
                or StoreUnavailableException or TimeoutException or OrleansMessageRejectionException)
            {
                // What other partitions have leased is handed out: nobody else would get it until its lease ends.
                break;
            }

            if (all.Count >= limit || bytes >= DeliveryQueue.AnswerBytesMax) break;
        }

        return all;
    }

    // The grain of a subscription that there is not, or is no more, does not start.
    private async Task<T> CallAsync<T>(string name, LogPartition partition, Func<IDeliveryGrain, Task<T>> call)
    {
        try
        {
            return await call(GrainFactory.GetGrain<IDeliveryGrain>(ReaderKeys.Of(name, partition)));
        }
        catch (ReaderUnknownException)
        {
            throw new SubscriptionUnknownException(name);
        }
    }

    private async Task WaitUntilReadyAsync(string name, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = Partitions.Select(at => CallAsync(name, at, async one =>
        {
            await one.WaitUntilReady(timeout, enough.Token);
            return true;
        })).ToArray();
        try
        {
            await await Task.WhenAny(waits);
        }
        finally
        {
            await enough.CancelAsync();
            await ((Task)Task.WhenAll(waits)).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<LeaseAnswer> EndAsync(
        string name, IReadOnlyList<string> leases, LeaseRefusal? refusal, CancellationToken cancellationToken)
    {
        LimitExceededException.ThrowIfOver(
            GranaryLimits.PageSizeMax, leases.Count, "number of leases in one call", "Answer fewer at once.");
        var named = leases.Distinct().Select(one => LeaseName.Parse(one, services.PartitionCount)).ToArray();
        if (named.Length == 0 && await Table.FindAsync(name, cancellationToken) is null)
            throw new SubscriptionUnknownException(name);
        var lapsed = await Task.WhenAll(named.GroupBy(static one => one.Position.Partition)
            .Select(of => CallAsync(name, of.Key, one => one.End([.. of], refusal, cancellationToken))));
        IReadOnlyList<string> all = [.. lapsed.SelectMany(static one => one)];
        return new LeaseAnswer(named.Length - all.Count, all);
    }
}
