namespace Granary.Gateway;

/// <summary>A durable subscription and how it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Categories">The categories whose events are handed out; none for all.</param>
/// <param name="Streams">The streams; none for all.</param>
/// <param name="Types">The event types; none for all.</param>
/// <param name="From">start or end: where it began.</param>
/// <param name="LeaseMs">How long a consumer has for an event.</param>
/// <param name="TriesMax">How often an event is handed out before its stream is parked.</param>
/// <param name="RetryDelayMs">How long a refused event waits the first time.</param>
internal sealed record SubscriptionResponse(
    string Name, IReadOnlyList<string> Categories, IReadOnlyList<string> Streams, IReadOnlyList<string> Types,
    string From, long LeaseMs, int TriesMax, long RetryDelayMs)
{
    public static SubscriptionResponse Of(string name, SubscriptionSettings settings) => new(
        name, settings.Categories, [.. settings.Streams.Select(static one => one.ToString())], settings.Types,
        settings.StartsAtEnd ? "end" : "start", (long)settings.Lease.TotalMilliseconds, settings.TriesMax,
        (long)settings.RetryDelay.TotalMilliseconds);
}

/// <summary>An event that is handed out.</summary>
/// <param name="Lease">What to acknowledge or refuse it with.</param>
/// <param name="Until">When the lease ends by itself.</param>
/// <param name="Try">Which try it is, from 1.</param>
/// <param name="Event">The event.</param>
internal sealed record DeliveryResponse(string Lease, DateTimeOffset Until, int Try, EventResponse Event);

/// <summary>The events that are handed out; none where there were none in time.</summary>
internal sealed record NextEventsResponse(IReadOnlyList<DeliveryResponse> Events)
{
    public static NextEventsResponse Of(IReadOnlyList<Delivery> events) => new(
    [
        .. events.Select(static one => new DeliveryResponse(
            one.Lease, one.Until, one.Try, (EventResponse)EventResponse.Of(one.Event))),
    ]);
}

/// <summary>What became of leases.</summary>
/// <param name="Ended">How many the call has ended.</param>
/// <param name="Lapsed">Those that are none any more: their events were handed out again, or are done.</param>
internal sealed record LeasesResponse(int Ended, IReadOnlyList<string> Lapsed)
{
    public static LeasesResponse Of(LeaseAnswer answer) => new(answer.Ended, answer.Lapsed);
}
