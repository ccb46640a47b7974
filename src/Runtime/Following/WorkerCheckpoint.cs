namespace Granary.Runtime;

/// <summary>
/// The checkpoint of a worker's session: taken over at its start, checked against the log, and moved.
/// </summary>
internal sealed class WorkerCheckpoint(WorkerDefinition definition, LogPartition partition, WorkerServices services)
{
    private const int CommitTriesMax = 5;
    private static readonly TimeSpan CommitDelay = TimeSpan.FromMilliseconds(100);

    private long _epoch;

    public GlobalPosition Position { get; private set; }

    /// <summary>The id of the event there.</summary>
    public Guid EventId { get; private set; }

    /// <summary>The revision of the rows of the last commit.</summary>
    public long Revision { get; private set; }

    /// <summary>Takes the checkpoint over in a later epoch: from then on no earlier owner can move it.</summary>
    /// <param name="with">What is written in the same commit.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="begins">Whether there may be none: the reader begins.</param>
    /// <exception cref="LogReplacedException">The log is not the one that it was moved on.</exception>
    /// <exception cref="CheckpointDeletedException">It is deleted, and the reader has begun before.</exception>
    /// <exception cref="WorkerOvertakenException">Another worker takes it over at the same time.</exception>
    public async ValueTask TakeOverAsync(
        IReadOnlyList<ModelWrite> with, CancellationToken cancellationToken, bool begins = true)
    {
        var found = await services.Models.ReadCheckpointAsync(definition.Name, partition, cancellationToken);
        if (found is null && !begins) throw CheckpointDeletedException.OfSubscription(definition.Name, partition);
        if (found is not null) await CheckLogAsync(found, cancellationToken);
        (Position, _epoch, EventId) = found is null
            ? (GlobalPosition.Zero, 1, Guid.Empty)
            : (found.Position, found.Epoch + 1, found.EventId);
        var start = Position;
        if (found is null && definition.StartsAtEnd)
        {
            var end = await services.Store.ReadLogAsync(
                new LogPosition(partition, GlobalPosition.Zero), LogFilter.All, 1, cancellationToken);
            start = end.End;
            EventId = await ReadEventIdAsync(start, cancellationToken);
        }

        // What a subscription takes is stored with it, for all silos.
        var begin = definition.Deliveries is not null
            ? []
            : await new BegunReaders(services.Models)
                .BeginAsync(definition, partition, found is null, cancellationToken);
        var handled = new HandledEvents { Writes = [.. begin, .. with] };
        if (await CommitAsync(handled, start, EventId, cancellationToken) != ModelCommitOutcome.Committed)
            throw new WorkerOvertakenException(definition.Name, partition);
    }

    /// <summary>Commits changes and moves the checkpoint.</summary>
    /// <param name="handled">The changes.</param>
    /// <param name="to">The new position.</param>
    /// <param name="eventId">The id of the event there.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <param name="isDurable">Whether it survives a power failure; null for what the reader needs.</param>
    /// <exception cref="BatchTooLargeException">There are too many changes.</exception>
    public async ValueTask<ModelCommitOutcome> CommitAsync(
        HandledEvents handled, GlobalPosition to, Guid eventId, CancellationToken cancellationToken,
        bool? isDurable = null)
    {
        if (handled.Writes.Count > ModelCommit.WritesMax)
            throw new BatchTooLargeException(
                $"The events change {handled.Writes.Count} rows; a commit takes {ModelCommit.WritesMax}.");
        var move = new CheckpointAdvance(definition.Name, partition, Position, to, _epoch);
        var commit = new ModelCommit(handled.Writes)
        {
            Advance = new ModelAdvance(move, services.StoreId, eventId),
            Durable = isDurable ?? definition.Durable,
        };
        var outcome = await SendAsync(commit, handled.Sql, cancellationToken);
        if (outcome == ModelCommitOutcome.Committed)
            (Position, EventId, Revision) = (to, eventId, commit.Id);
        return outcome;
    }

    /// <summary>Commits changes where the checkpoint stands.</summary>
    public ValueTask<ModelCommitOutcome> CommitHereAsync(HandledEvents handled, CancellationToken cancellationToken) =>
        CommitAsync(handled, Position, EventId, cancellationToken);

    /// <summary>The id of the event at a position.</summary>
    public async ValueTask<Guid> ReadEventIdAsync(GlobalPosition position, CancellationToken cancellationToken) =>
        position == GlobalPosition.Zero
            ? Guid.Empty
            : (await FindEventAsync(position, cancellationToken))?.Id
            ?? throw new StoreCorruptException($"The log has no event at {partition}:{position}, before its end.");

    // The same commit is sent again: one that had landed is known by its id. After the last try the session begins
    // anew, and reads where the checkpoint is. What may pass, as a lock that is held, is no fault of an event, however
    // long it lasts: it parks no stream.
    private async ValueTask<ModelCommitOutcome> SendAsync(
        ModelCommit commit, SqlModelWrite? sql, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                if (sql is null) return await services.Models.CommitAsync(commit, cancellationToken);
                return await ModelStores.OfSql(services.Models, definition.Name)
                    .CommitAsync(commit, sql, cancellationToken);
            }
            catch (Exception fault) when (tries < CommitTriesMax
                && (fault is StoreUnavailableException || (sql is not null && SqlFaults.MayPass(fault))))
            {
                await Task.Delay(CommitDelay * tries, services.Time, cancellationToken);
            }
            catch (Exception fault) when (sql is not null
                && fault is not StoreUnavailableException && SqlFaults.MayPass(fault))
            {
                throw new StoreUnavailableException(
                    $"What '{definition.Name}' writes with SQL failed {CommitTriesMax} times with an error that may "
                    + $"pass: {fault.Message} It is tried again; look at what holds its rows where that lasts.", fault);
            }
        }
    }

    private async ValueTask CheckLogAsync(ModelCheckpoint found, CancellationToken cancellationToken)
    {
        var at = new LogPosition(partition, found.Position);
        if (found.StoreId != services.StoreId)
            throw new LogReplacedException(
                definition.Name, at, $"It was read in the store {found.StoreId}, and this is {services.StoreId}.");
        if (found.Position == GlobalPosition.Zero) return;
        var there = await FindEventAsync(found.Position, cancellationToken);
        if (there is null) throw new LogReplacedException(definition.Name, at, "The log ends before that position.");
        if (there.Id != found.EventId)
            throw new LogReplacedException(
                definition.Name, at, $"The event there was {found.EventId}, and now is {there.Id}.");
    }

    private async ValueTask<RecordedEvent?> FindEventAsync(
        GlobalPosition position, CancellationToken cancellationToken)
    {
        var before = new LogPosition(partition, new GlobalPosition(position.Value - 1));
        var page = await services.Store.ReadLogAsync(before, LogFilter.All, 1, cancellationToken);
        return page.Events.SingleOrDefault();
    }
}
