namespace Granary;

/// <summary>What a durable subscription hands out, and how.</summary>
[GenerateSerializer, Immutable, Alias("granary.SubscriptionSettings")]
public sealed record SubscriptionSettings
{
    /// <summary>The shortest lease.</summary>
    public static readonly TimeSpan LeaseMin = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest lease.</summary>
    public static readonly TimeSpan LeaseMax = TimeSpan.FromHours(12);

    /// <summary>The longest wait of a consumer for events.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>The longest delay of a retry.</summary>
    public static readonly TimeSpan RetryDelayMax = TimeSpan.FromHours(1);

    /// <summary>How often an event is handed out at most, whatever is set.</summary>
    public const int TriesLimit = 1_000;

    /// <summary>The categories whose events are handed out; empty for all.</summary>
    [Id(0)] public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>The streams whose events are handed out; empty for all.</summary>
    [Id(1)] public IReadOnlyList<StreamName> Streams { get; init; } = [];

    /// <summary>The names of the event types that are handed out; empty for all.</summary>
    [Id(2)] public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>
    /// Whether it begins at the log's end, as it is when the subscription is created, not at its start.
    /// </summary>
    [Id(3)] public bool StartsAtEnd { get; init; }

    /// <summary>How long a consumer has for an event, where it does not say so itself: 30 seconds.</summary>
    [Id(4)] public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an event is handed out before its stream is parked: 10 times.</summary>
    [Id(5)] public int TriesMax { get; init; } = 10;

    /// <summary>
    /// How long an event that was refused waits, the first time: 1 second. The delay is doubled after each try, up to
    /// 5 minutes or to this value, whichever is longer.
    /// </summary>
    [Id(6)] public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">One is not allowed; the message names it.</exception>
    /// <exception cref="LimitExceededException">Too many streams, categories or types are named.</exception>
    public void Check()
    {
        if (Streams is null || Categories is null || Types is null)
            throw new ArgumentException("Categories, streams and types are lists; an empty one is for all.");
        foreach (var (count, what) in new[]
        {
            (Streams.Count, "streams"), (Categories.Count, "categories"), (Types.Count, "event types"),
        })
        {
            LimitExceededException.ThrowIfOver(
                GranaryLimits.FilterStreamsMax, count, $"number of {what} of a subscription",
                "Name fewer, or take all and choose.");
        }

        foreach (var one in Categories)
        {
            if (!StreamName.TryCreate(one, "key", out _, out var fault)) throw new ArgumentException(fault);
        }

        if (Streams.Any(static one => one.IsUnset)) throw new ArgumentException("A stream has a category and a key.");
        if (Types.Any(static one => one is not { Length: > 0 and <= GranaryLimits.EventTypeLengthMax }))
            throw new ArgumentException(
                $"The name of an event type has 1 to {GranaryLimits.EventTypeLengthMax} characters.");
        CheckLease(Lease);
        if (TriesMax is < 1 or > TriesLimit)
            throw new ArgumentException($"An event is handed out 1 to {TriesLimit} times; {TriesMax} is not allowed.");
        CheckDelay(RetryDelay);
    }

    /// <summary>Checks how long a lease lasts.</summary>
    /// <exception cref="ArgumentException">It is too short or too long.</exception>
    public static void CheckLease(TimeSpan lease)
    {
        if (lease < LeaseMin || lease > LeaseMax)
            throw new ArgumentException($"A lease lasts {LeaseMin} to {LeaseMax}; {lease} is not allowed.");
    }

    /// <summary>Checks how long an event waits that was refused.</summary>
    /// <exception cref="ArgumentException">It is negative or too long.</exception>
    public static void CheckDelay(TimeSpan delay)
    {
        if (delay < TimeSpan.Zero || delay > RetryDelayMax)
            throw new ArgumentException($"A retry waits 0 to {RetryDelayMax}; {delay} is not allowed.");
    }
}
