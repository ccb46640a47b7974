using System.Runtime.ExceptionServices;
using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>Brings the calls of the consumers of durable subscriptions to the workers of the partitions.</summary>
[StatelessWorker, Reentrant]
internal sealed class SubscriptionsGrain(SubscriptionWorkers workers, FollowingServices services)
    : Grain, ISubscriptionsGrain
{
    // How long a call waits for the partitions that answer, before it asks one again that has failed.
    private static readonly TimeSpan AskAgainMax = TimeSpan.FromSeconds(5);

    // How much longer a wait for a worker may take than it was asked for.
    private static readonly TimeSpan WaitMoreMax = TimeSpan.FromSeconds(1);

    private readonly NextTurns _turns = new(services.PartitionCount, services.Time);

    private SubscriptionTable Table => new(services.Models);

    /// <inheritdoc />
    public Task<bool> Create(
        string name, SubscriptionSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(settings);
        ReactorNames.Check(name);
        settings.Check();
        return GrainFactory.GetGrain<ISubscriptionGrain>(name).Create(settings, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<SubscriptionSettings?> Find(string name, CancellationToken cancellationToken = default)
    {
        if (!ReactorNames.IsName(name)) return null;
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
        CheckName(name);
        var began = services.Time.GetTimestamp();
        while (true)
        {
            var answer = await NextNowAsync(name, limit, lease, cancellationToken);
            if (answer.Events.Count > 0) return answer.Events;
            var left = wait - services.Time.GetElapsedTime(began);
            if (answer.Fault is { } fault && (answer.Answered.Count == 0 || left <= TimeSpan.Zero))
                ExceptionDispatchInfo.Throw(fault);
            if (left <= TimeSpan.Zero) return [];
            var timeout = answer.Fault is null || left < AskAgainMax ? left : AskAgainMax;
            await WaitUntilReadyAsync(name, answer.Answered, timeout, cancellationToken);
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

    private Task<NextAnswer> NextNowAsync(
        string name, int limit, TimeSpan? lease, CancellationToken cancellationToken) => _turns.AskAsync(
        name,
        limit,
        (at, count, within, ends) => CallAsync(name, at, one => one.Next(count, lease, within, ends)),
        events => PutBackAsync(name, events),
        cancellationToken);

    // Where the leases cannot be ended they end by themselves.
    private async Task PutBackAsync(string name, IReadOnlyList<Delivery> events)
    {
        foreach (var of in LeaseName.Of(events).GroupBy(static one => one.Position.Partition))
        {
            try
            {
                await CallAsync(name, of.Key, async one =>
                {
                    await one.PutBack([.. of], CancellationToken.None);
                    return true;
                });
            }
            catch (Exception fault) when (fault is GranaryException or TimeoutException
                or OrleansMessageRejectionException)
            {
                FollowingLog.NotPutBack(services.Logger, fault, name, of.Key);
            }
        }
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

    private async Task WaitUntilReadyAsync(
        string name, IReadOnlyList<LogPartition> partitions, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var tooLong = new CancellationTokenSource(timeout + WaitMoreMax, services.Time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(tooLong.Token, cancellationToken);
        var waits = partitions.Select(at => WaitUntilReadyAsync(name, at, timeout, enough.Token)).ToArray();
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

    // A worker that moves or is lost meanwhile keeps no event of another one back: all are asked again a little later.
    private async Task WaitUntilReadyAsync(
        string name, LogPartition partition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(name, partition, async one =>
            {
                await one.WaitUntilReady(timeout, cancellationToken);
                return true;
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Another partition is ready, or it has taken too long.
        }
        catch (Exception fault) when (NextTurns.IsOfPartition(fault))
        {
            await Task.Delay(NextTurns.ShortMax, services.Time, cancellationToken).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    // What cannot be a name is not looked for.
    private static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!ReactorNames.IsName(name)) throw new SubscriptionUnknownException(name);
    }

    private async Task<LeaseAnswer> EndAsync(
        string name, IReadOnlyList<string> leases, LeaseRefusal? refusal, CancellationToken cancellationToken)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(leases);
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
