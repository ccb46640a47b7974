namespace Granary.Runtime;

/// <summary>
/// Asks the partitions for events, one after the other. They take turns, so that none waits for ever because of those
/// before it.
/// </summary>
internal sealed class NextTurns(int partitionCount)
{
    /// <summary>
    /// How long a partition is waited for once another one has leased events, whose leases run, or has failed.
    /// </summary>
    public static readonly TimeSpan ShortMax = TimeSpan.FromMilliseconds(250);

    private uint _first;

    /// <summary>Asks all partitions, until there are enough events.</summary>
    /// <param name="limit">How many events at most.</param>
    /// <param name="next">Asks a partition for so many events, within a time; null for the longest.</param>
    /// <param name="putBack">Ends the leases of events that nobody gets.</param>
    public async Task<NextAnswer> AskAsync(
        int limit,
        Func<LogPartition, int, TimeSpan?, Task<IReadOnlyList<Delivery>>> next,
        Func<IReadOnlyList<Delivery>, Task> putBack)
    {
        var (all, bytes, answered) = (new List<Delivery>(), 0L, new List<LogPartition>());
        var (first, fault) = ((int)(_first++ % (uint)partitionCount), default(Exception));
        for (var i = 0; i < partitionCount && all.Count < limit && bytes < DeliveryQueue.AnswerBytesMax; i++)
        {
            var at = new LogPartition((int)(((long)first + i) % partitionCount));
            try
            {
                TimeSpan? within = all.Count > 0 || fault is not null ? ShortMax : null;
                var events = await next(at, limit - all.Count, within);
                answered.Add(at);
                all.AddRange(events);
                bytes += events.Sum(static one => DeliveryQueue.SizeOf(one.Event));
            }
            catch (Exception one) when (one is SubscriptionUnavailableException or StoreUnavailableException
                or TimeoutException or OrleansMessageRejectionException)
            {
                // What the other partitions lease is handed out.
                fault ??= one;
            }
            catch (Exception) when (all.Count > 0)
            {
                await putBack(all);
                throw;
            }
        }

        return new NextAnswer(all, answered, fault);
    }
}

/// <summary>What the partitions have answered.</summary>
/// <param name="Events">The events that they have leased.</param>
/// <param name="Answered">The partitions that have answered, with events or without.</param>
/// <param name="Fault">The first error of those that have not; null where none has failed.</param>
internal sealed record NextAnswer(
    IReadOnlyList<Delivery> Events, IReadOnlyList<LogPartition> Answered, Exception? Fault);
