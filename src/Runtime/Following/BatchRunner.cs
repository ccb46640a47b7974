namespace Granary.Runtime;

/// <summary>
/// Has events handled and committed. What fails is narrowed down to one event, which is tried a few times; then its
/// stream is parked, and the others go on.
/// </summary>
internal sealed class BatchRunner(
    WorkerDefinition definition,
    LogPartition partition,
    ILogHandler handler,
    WorkerCheckpoint checkpoint,
    ParkedStreams parked,
    WorkerProgress progress,
    WorkerServices services)
{
    private const int RowTriesMax = 20;
    private static readonly TimeSpan RowDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(30);

    private RecordedEvent? _failed;
    private int _tries;

    /// <summary>Handles events and moves the checkpoint.</summary>
    /// <param name="events">The events, none of a parked stream; there may be none.</param>
    /// <param name="through">Where the checkpoint is moved.</param>
    /// <param name="throughId">The id of the event there.</param>
    /// <param name="cancellationToken">Ends it between two commits.</param>
    public async Task RunAsync(
        IReadOnlyList<RecordedEvent> events, GlobalPosition through, Guid throughId,
        CancellationToken cancellationToken)
    {
        var rest = events;
        for (var take = rest.Count; rest.Count > 0;)
        {
            var part = take == rest.Count ? rest : [.. rest.Take(take)];
            var to = take == rest.Count ? through : part[^1].Position.Position;
            var toId = take == rest.Count ? throughId : part[^1].Id;
            try
            {
                await HandleAsync(part, to, toId, cancellationToken);
                rest = take == rest.Count ? [] : [.. rest.Skip(take)];
                take = rest.Count;
            }
            catch (Exception fault) when (!EndsSession(fault, cancellationToken))
            {
                (rest, take) = await RecoverAsync(rest, part, fault, cancellationToken);
            }
        }

        if (checkpoint.Position < through)
            await CommitAsync(HandledEvents.Nothing, through, throughId, cancellationToken);
    }

    /// <summary>Whether an error is of the worker or the store, not of an event.</summary>
    public static bool EndsSession(Exception fault, CancellationToken cancellationToken) => fault
        is StoreUnavailableException or StoreCorruptException or StoreSchemaException or LogReplacedException
        or WorkerOvertakenException or ReaderOverloadedException
        || (fault is OperationCanceledException && cancellationToken.IsCancellationRequested);

    /// <summary>Where the event that has failed is among those that were handled together.</summary>
    public static int IndexOf(IReadOnlyList<RecordedEvent> events, RecordedEvent failed)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Position == failed.Position) return i;
        }

        return 0;
    }

    // What is left of the events, and how many of them are tried next.
    private async ValueTask<(IReadOnlyList<RecordedEvent> Left, int Take)> RecoverAsync(
        IReadOnlyList<RecordedEvent> rest, IReadOnlyList<RecordedEvent> part, Exception fault,
        CancellationToken cancellationToken)
    {
        var at = 0;
        if (fault is EventFailedException named) at = IndexOf(part, named.Failed);
        else if (part.Count > 1) return (rest, part.Count / 2);
        if (at > 0) return (rest, at);

        var failed = rest[0];
        var cause = (fault as EventFailedException)?.InnerException ?? fault;
        (_failed, _tries) = (failed, failed.Equals(_failed) ? _tries + 1 : 1);
        progress.SetError(cause);
        if (_tries < definition.TriesMax)
        {
            FollowingLog.EventFailed(services.Logger, cause, definition.Name, failed.Stream, failed.Position, _tries);
            await Task.Delay(DelayAfter(_tries), services.Time, cancellationToken);
            return (rest, 1);
        }

        await ParkAsync(failed, cause, cancellationToken);
        IReadOnlyList<RecordedEvent> others = [.. rest.Where(one => one.Stream != failed.Stream)];
        return (others, others.Count);
    }

    private async ValueTask ParkAsync(RecordedEvent failed, Exception cause, CancellationToken cancellationToken)
    {
        if (parked.Count >= ParkedStreams.CountMax)
            throw new ReaderOverloadedException(definition.Name, partition, ParkedStreams.CountMax);
        var document = ParkedRow.Describe(definition.Name, failed, cause, _tries, services.Time.GetUtcNow());
        var write = ParkedRow.Put(document, parked.Find(failed.Stream)?.Row);
        var outcome = await checkpoint.CommitHereAsync(new HandledEvents { Writes = [write] }, cancellationToken);
        if (outcome == ModelCommitOutcome.Overtaken) throw new WorkerOvertakenException(definition.Name, partition);
        await parked.LoadAsync(cancellationToken);
        if (!parked.Contains(failed.Stream)) throw new StoreUnavailableException("A stream was not parked. Try again.");
        progress.SetParked(parked.Count);
        FollowingLog.Parked(services.Logger, cause, definition.Name, failed.Stream, failed.Position);
    }

    private async Task HandleAsync(
        IReadOnlyList<RecordedEvent> events, GlobalPosition to, Guid toId, CancellationToken cancellationToken)
    {
        for (var tries = 1; tries <= RowTriesMax; tries++)
        {
            var number = events[0].Equals(_failed) ? _tries + 1 : 1;
            var handled = await handler.HandleAsync(new LogBatch(partition, events, number), cancellationToken);
            if (await CommitAsync(handled, to, toId, cancellationToken))
            {
                handler.OnCommitted();
                return;
            }

            await Task.Delay(RowDelay * tries, services.Time, cancellationToken);
        }

        throw new StoreUnavailableException(
            $"The rows that '{definition.Name}' writes were changed by others {RowTriesMax} times meanwhile.");
    }

    private async ValueTask<bool> CommitAsync(
        HandledEvents handled, GlobalPosition to, Guid toId, CancellationToken cancellationToken)
    {
        var outcome = await checkpoint.CommitAsync(handled, to, toId, cancellationToken);
        if (outcome == ModelCommitOutcome.Overtaken) throw new WorkerOvertakenException(definition.Name, partition);
        if (outcome == ModelCommitOutcome.Committed) progress.Pass(to);
        return outcome == ModelCommitOutcome.Committed;
    }

    private TimeSpan DelayAfter(int tries)
    {
        var delay = definition.RetryDelay * Math.Pow(2, tries - 1);
        return delay < RetryDelayMax ? delay : RetryDelayMax;
    }
}
