namespace Granary.Runtime;

/// <summary>
/// Creates and deletes one durable subscription, one call at a time; its key is the subscription's name.
/// </summary>
[Alias("granary.ISubscriptionGrain")]
internal interface ISubscriptionGrain : IGrainWithStringKey
{
    /// <summary>As <see cref="ISubscriptionsGrain.Create"/>, with settings that are checked.</summary>
    [Alias("Create")]
    Task<bool> Create(SubscriptionSettings settings, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="ISubscriptionsGrain.Delete"/>.</summary>
    [Alias("Delete")]
    Task<bool> Delete(CancellationToken cancellationToken = default);
}
