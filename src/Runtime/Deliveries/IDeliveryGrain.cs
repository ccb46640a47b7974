using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>
/// Hands out the events of a durable subscription in one partition: the grain of its worker. The key is that of
/// <see cref="IReaderGrain"/>. Every member throws <see cref="SubscriptionUnknownException"/> where the reader is no
/// durable subscription.
/// </summary>
[Alias("granary.IDeliveryGrain")]
internal interface IDeliveryGrain : IGrainWithStringKey
{
    /// <summary>Leases events that wait now; the worker is waited for so long, null for the longest time.</summary>
    [AlwaysInterleave, Alias("Next")]
    Task<IReadOnlyList<Delivery>> Next(
        int limit, TimeSpan? lease, TimeSpan? within, CancellationToken cancellationToken = default);

    /// <summary>Ends leases of events that nobody got: that was no try.</summary>
    [AlwaysInterleave, Alias("PutBack")]
    Task PutBack(IReadOnlyList<LeaseName> leases, CancellationToken cancellationToken = default);

    /// <summary>Completes when an event can be handed out, and at the latest after a time.</summary>
    [AlwaysInterleave, Alias("WaitUntilReady"), ResponseTimeout("00:01:10")]
    Task WaitUntilReady(TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Ends leases: the events are acknowledged, or refused where there is a refusal.</summary>
    /// <returns>Those that are none any more.</returns>
    [AlwaysInterleave, Alias("End")]
    Task<IReadOnlyList<string>> End(
        IReadOnlyList<LeaseName> leases, LeaseRefusal? refusal, CancellationToken cancellationToken = default);

    /// <summary>
    /// Completes when the calls before are answered: what was asked of the subscription before holds from then on.
    /// </summary>
    [AlwaysInterleave, Alias("Settle")]
    Task Settle(CancellationToken cancellationToken = default);

    /// <summary>Completes when the worker has ended, and at the latest after a time.</summary>
    [AlwaysInterleave, Alias("WaitUntilEnded")]
    Task WaitUntilEnded(TimeSpan timeout);
}
