namespace Granary.Runtime;

/// <summary>
/// Asks the partitions for events, one after the other. They take turns, so that none waits for ever because of those
/// before it.
/// </summary>
internal sealed class NextTurns(int partitionCount, TimeProvider time)
{
    /// <summary>
    /// How long a partition is waited for once another one has leased events, whose leases run, or has failed.
    /// </summary>
    public static readonly TimeSpan ShortMax = TimeSpan.FromMilliseconds(250);

    // What the way to a worker and back may take, beside the time that the worker has. A silo that was lost answers
    // nothing.
    private static readonly TimeSpan WayMax = TimeSpan.FromMilliseconds(250);

    private uint _first;

    /// <summary>
    /// Whether an error is one of a partition, that keeps no event of another one back: its worker moves or has
    /// stopped, or its silo was lost.
    /// </summary>
    public static bool IsOfPartition(Exception fault) =>
        fault is (GranaryException and not SubscriptionUnknownException) or TimeoutException
            or SiloUnavailableException or OrleansMessageRejectionException;

    /// <summary>Asks all partitions, until there are enough events.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="limit">How many events at most.</param>
    /// <param name="next">Asks a partition for so many events, within a time; null for the longest.</param>
    /// <param name="putBack">Ends the leases of events that nobody gets.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<NextAnswer> AskAsync(
        string name,
        int limit,
        Func<LogPartition, int, TimeSpan?, CancellationToken, Task<IReadOnlyList<Delivery>>> next,
        Func<IReadOnlyList<Delivery>, Task> putBack,
        CancellationToken cancellationToken)
    {
        var (all, bytes, answered) = (new List<Delivery>(), 0L, new List<LogPartition>());
        var (first, fault) = ((int)(_first++ % (uint)partitionCount), default(Exception));
        for (var i = 0; i < partitionCount && all.Count < limit && bytes < DeliveryQueue.AnswerBytesMax; i++)
        {
            var at = new LogPartition((int)(((long)first + i) % partitionCount));
            TimeSpan? within = all.Count > 0 || fault is not null ? ShortMax : null;
            using var enough = new CancellationTokenSource((within ?? DeliveryDesk.AnswerMax) + WayMax, time);
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
            try
            {
                var events = await next(at, limit - all.Count, within, ends.Token);
                answered.Add(at);
                all.AddRange(events);
                bytes += events.Sum(static one => DeliveryQueue.SizeOf(one.Event));
            }
            catch (OperationCanceledException)
                when (enough.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                fault ??= new SubscriptionUnavailableException(name, at, "Its worker did not answer in time.");
            }
            catch (Exception one) when (IsOfPartition(one))
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
