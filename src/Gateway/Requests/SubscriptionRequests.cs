namespace Granary.Gateway;

/// <summary>Creates a durable subscription. What is not sent has the default of the subscription.</summary>
/// <param name="Categories">The categories whose events are handed out; none for all.</param>
/// <param name="Streams">The streams, as <c>category/key</c>; none for all.</param>
/// <param name="Types">The event types; none for all.</param>
/// <param name="From">start (the default) or end: where it begins.</param>
/// <param name="LeaseMs">How long a consumer has for an event.</param>
/// <param name="TriesMax">How often an event is handed out before its stream is parked.</param>
/// <param name="RetryDelayMs">How long a refused event waits the first time.</param>
internal sealed record SubscriptionRequest(
    IReadOnlyList<string>? Categories = null, IReadOnlyList<string>? Streams = null,
    IReadOnlyList<string>? Types = null, string? From = null, long? LeaseMs = null, int? TriesMax = null,
    long? RetryDelayMs = null)
{
    /// <exception cref="ApiProblem">A member is not allowed.</exception>
    public SubscriptionSettings ToSettings()
    {
        var defaults = new SubscriptionSettings();
        return new SubscriptionSettings
        {
            Categories = Categories ?? [],
            Streams = [.. (Streams ?? []).Select(Stream)],
            Types = Types ?? [],
            StartsAtEnd = From switch
            {
                null or "start" => false,
                "end" => true,
                _ => throw Invalid("from is start or end."),
            },
            Lease = RequestTime.OfMs(LeaseMs, "leaseMs") ?? defaults.Lease,
            TriesMax = TriesMax ?? defaults.TriesMax,
            RetryDelay = RequestTime.OfMs(RetryDelayMs, "retryDelayMs") ?? defaults.RetryDelay,
        };
    }

    private static StreamName Stream(string text) =>
        StreamName.TryParse(text, out var stream, out var fault) ? stream : throw Invalid(fault);

    private static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-body", detail);
}

/// <summary>Asks for events.</summary>
/// <param name="Limit">How many at most.</param>
/// <param name="LeaseMs">How long the consumer has for them; without it as long as the subscription says.</param>
/// <param name="WaitMs">How long the call waits where there are none.</param>
internal sealed record NextEventsRequest(int Limit = 10, long? LeaseMs = null, long WaitMs = 0);

/// <summary>Acknowledges events.</summary>
/// <param name="Leases">Their leases.</param>
internal sealed record AckRequest(IReadOnlyList<string> Leases);

/// <summary>Refuses events.</summary>
/// <param name="Leases">Their leases.</param>
/// <param name="Reason">Why; it is shown where the stream is parked.</param>
/// <param name="DelayMs">How long they wait; without it as long as the subscription says.</param>
/// <param name="Park">Whether their streams are parked at once.</param>
internal sealed record NackRequest(
    IReadOnlyList<string> Leases, string? Reason = null, long? DelayMs = null, bool Park = false);

/// <summary>Times in requests.</summary>
internal static class RequestTime
{
    // What is longer is refused by its own limit; this fits a TimeSpan.
    private const long MsMax = 1_000L * 60 * 60 * 24 * 365;

    /// <exception cref="ApiProblem">It is negative, or longer than a year.</exception>
    public static TimeSpan? OfMs(long? milliseconds, string name) => milliseconds switch
    {
        null => null,
        >= 0 and <= MsMax => TimeSpan.FromMilliseconds(milliseconds.Value),
        _ => throw ApiProblem.BadRequest("invalid-body", $"{name} is a number of milliseconds, 0 or more."),
    };
}
