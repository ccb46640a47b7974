namespace Granary.Runtime;

/// <summary>Refuses what a store does not take.</summary>
internal static class StoreLimitsExtensions
{
    private const string Fewer = "Raise fewer events at once.";

    /// <summary>Refuses more events than an append holds.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="events">How many events.</param>
    /// <param name="what">What they are, for the error.</param>
    /// <exception cref="LimitExceededException">There are too many.</exception>
    public static void ThrowIfOver(this StoreLimits limits, int events, string what)
    {
        if (events > limits.AppendEventsMax)
            throw new LimitExceededException($"number of events in the {what}", events, limits.AppendEventsMax, Fewer);
    }

    /// <summary>Refuses events that make an append which is over a limit.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="events">The events of one append.</param>
    /// <param name="size">Their payloads and metadata, in bytes.</param>
    /// <param name="what">What the events are, for the error.</param>
    /// <exception cref="LimitExceededException">An event, or all together, is over a limit.</exception>
    public static void ThrowIfOver(
        this StoreLimits limits, IReadOnlyList<NewEvent> events, long size, string what)
    {
        limits.ThrowIfOver(events.Count, what);
        LimitExceededException.ThrowIfOver(limits.AppendSizeMax, size, what, Fewer);
        if (size <= limits.EventSizeMax) return;
        for (var at = 0; at < events.Count; at++)
        {
            LimitExceededException.ThrowIfOver(
                limits.EventSizeMax, events[at].Payload.Length, "event",
                "Keep large content elsewhere and a reference in it.");
        }
    }
}
