namespace Granary;

/// <summary>
/// Durable subscriptions for consumers outside the silos: any number of them ask for events, and answer what became of
/// each. Any key will do.
/// </summary>
/// <remarks>
/// <para>An event is handed out with a lease. It is handed out again where the lease ends without an answer, and where
/// the consumer refuses it; after <see cref="SubscriptionSettings.TriesMax"/> tries its stream is parked
/// (<see cref="IReadersGrain.ReadParked"/>). Of a stream one event is handed out at a time, in their order. What was
/// acknowledged is never handed out again.</para>
/// <para>Members that name a subscription throw <see cref="SubscriptionUnknownException"/> where there is none, and
/// <see cref="SubscriptionUnavailableException"/> where its worker does not answer now.</para>
/// </remarks>
[Alias("granary.ISubscriptionsGrain")]
public interface ISubscriptionsGrain : IGrainWithIntegerKey
{
    /// <summary>Creates a subscription. Where it exists with these settings already, nothing changes.</summary>
    /// <param name="name">
    /// Its name: a lower-case letter, then lower-case letters, digits, dashes and underscores; at most 100 characters.
    /// </param>
    /// <param name="settings">What it hands out, and how.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it was created.</returns>
    /// <exception cref="ArgumentException">The name or a setting is not allowed.</exception>
    /// <exception cref="LimitExceededException">There are too many subscriptions.</exception>
    /// <exception cref="SubscriptionExistsException">
    /// It exists with other settings, or another reader of the log has the name.
    /// </exception>
    [Alias("Create")]
    Task<bool> Create(string name, SubscriptionSettings settings, CancellationToken cancellationToken = default);

    /// <summary>The settings of a subscription; null where there is none of that name.</summary>
    [Alias("Find")]
    Task<SubscriptionSettings?> Find(string name, CancellationToken cancellationToken = default);

    /// <summary>Deletes a subscription with its progress, its leases and its parked streams.</summary>
    /// <returns>Whether there was one.</returns>
    [Alias("Delete")]
    Task<bool> Delete(string name, CancellationToken cancellationToken = default);

    /// <summary>Hands out the next events, at most one of each stream.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="limit">How many at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="lease">How long the consumer has for them; null for the time of the subscription.</param>
    /// <param name="wait">
    /// How long to wait where there are none, up to <see cref="SubscriptionSettings.WaitMax"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The events; none where there were none in that time, or the subscription is paused.</returns>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    [Alias("Next"), ResponseTimeout("00:01:10")]
    Task<IReadOnlyList<Delivery>> Next(
        string name, int limit, TimeSpan? lease = null, TimeSpan wait = default,
        CancellationToken cancellationToken = default);

    /// <summary>Acknowledges events: they are never handed out again.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="leases">Their leases, at most <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="cancellationToken">Ends the call; what it asked for may be done all the same.</param>
    /// <exception cref="ArgumentException">
    /// There are too many leases, or one is none of this subscription's.
    /// </exception>
    [Alias("Ack")]
    Task<LeaseAnswer> Ack(
        string name, IReadOnlyList<string> leases, CancellationToken cancellationToken = default);

    /// <summary>Refuses events: they are handed out again later, or their streams are parked.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="leases">Their leases, at most <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="refusal">Why, and when they are handed out again.</param>
    /// <param name="cancellationToken">Ends the call; what it asked for may be done all the same.</param>
    /// <exception cref="ArgumentException">
    /// There are too many leases, or one is none of this subscription's.
    /// </exception>
    [Alias("Nack")]
    Task<LeaseAnswer> Nack(
        string name, IReadOnlyList<string> leases, LeaseRefusal refusal, CancellationToken cancellationToken = default);
}
