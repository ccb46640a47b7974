namespace Granary.Gateway;

/// <summary>
/// Waits for the next events of a durable subscription in short parts: a server that stops answers those who wait, and
/// what they have leased is with them.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the server stops.</param>
internal sealed class NextWait(TimeProvider time, CancellationToken stopping)
{
    /// <summary>How long a part is at most.</summary>
    public static readonly TimeSpan PartMax = TimeSpan.FromSeconds(1);

    /// <summary>Asks until there are events, or the time is over.</summary>
    /// <param name="max">How long it waits.</param>
    /// <param name="next">Asks for events, and waits for so long where there are none.</param>
    public async Task<IReadOnlyList<Delivery>> RunAsync(
        TimeSpan max, Func<TimeSpan, Task<IReadOnlyList<Delivery>>> next)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var (left, asked) = (max - time.GetElapsedTime(began), time.GetTimestamp());
            var part = left <= TimeSpan.Zero ? TimeSpan.Zero : left < PartMax ? left : PartMax;
            var isLast = left <= part || stopping.IsCancellationRequested;
            try
            {
                var events = await next(part);
                if (events.Count > 0 || isLast || stopping.IsCancellationRequested) return events;
            }
            catch (Exception fault) when (!isLast && time.GetElapsedTime(asked) >= part && IsOfPartition(fault))
            {
                // The partitions that answer have waited, and may have an event in the time that is left.
            }
        }
    }

    private static bool IsOfPartition(Exception fault) => fault is SubscriptionUnavailableException
        or StoreUnavailableException or TimeoutException or SiloUnavailableException
        or OrleansMessageRejectionException;
}
