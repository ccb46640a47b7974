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

    /// <summary>
    /// Deletes what is left of a creation or a deletion that was cut off, as where its silo was lost.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait of the caller, and not the deletion.</param>
    [Alias("Finish")]
    Task Finish(CancellationToken cancellationToken = default);
}
