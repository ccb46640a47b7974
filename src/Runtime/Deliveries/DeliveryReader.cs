namespace Granary.Runtime;

/// <summary>Fills the queue of a subscription from the log: with what comes next, and with parked streams.</summary>
internal sealed class DeliveryReader(
    WorkerDefinition definition,
    LogPartition partition,
    WorkerServices services,
    ParkedStreams parked,
    DeliveryQueue queue)
{
    private readonly Dictionary<GlobalPosition, ModelRow> _stored = [];
    private readonly Dictionary<GlobalPosition, ModelRow> _storedReplays = [];
    private Guid? _throughId;

    /// <summary>The position through which the log was read.</summary>
    public GlobalPosition Through { get; private set; }

    /// <summary>Whether the log had no more when it was read last.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Reads what an earlier owner has stored, and the events that it is about.</summary>
    public async ValueTask LoadAsync(GlobalPosition checkpoint, CancellationToken cancellationToken)
    {
        Through = checkpoint;
        foreach (var row in await services.Models.ReadDeliveriesAsync(definition.Name, partition, cancellationToken))
        {
            var document = DeliveryEntry.Parse(row);
            (document.IsReplay ? _storedReplays : _stored)[new GlobalPosition(document.Position)] = row;
        }

        // Until every event that was handed out is in the window.
        var more = true;
        while (more && _stored.Keys.Any(one => one > Through))
            more = await ReadPageAsync(GranaryLimits.PageSizeMax, cancellationToken);

        foreach (var row in _stored.Values) queue.Changes.Delete(row);
        _stored.Clear();
        await LoadReplaysAsync(cancellationToken);
        foreach (var row in _storedReplays.Values) queue.Changes.Delete(row);
        _storedReplays.Clear();
    }

    /// <summary>Reads a page where there is room for it.</summary>
    /// <returns>Whether the log had more.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken) =>
        queue.Window.Room is > 0 and var room && await ReadPageAsync(room, cancellationToken);

    /// <summary>The id of the event through which the log was read.</summary>
    public async ValueTask<Guid> ReadThroughIdAsync(WorkerCheckpoint checkpoint, CancellationToken cancellationToken) =>
        _throughId ??= await checkpoint.ReadEventIdAsync(Through, cancellationToken);

    /// <summary>Does what is asked for with parked streams, as they were loaded last.</summary>
    public async ValueTask LoadReplaysAsync(CancellationToken cancellationToken)
    {
        // Of those that a consumer has, the lease goes on.
        var requested = parked.Requested
            .OrderBy(one => _storedReplays.ContainsKey(one.Position.Position) ? 0 : 1)
            .ThenBy(static one => one.Document.Position);
        foreach (var row in requested)
        {
            if (row.Document.Request == ParkedRequest.Drop)
            {
                queue.RemoveReplay(row.Stream);
                queue.Changes.Unpark(row);
                FollowingLog.Dropped(services.Logger, definition.Name, row.Stream, row.Position);
                continue;
            }

            if (queue.Replays.Count >= DeliveryQueue.ReplaysMax
                || queue.Replays.Any(one => one.Stream == row.Stream)) continue;
            if (await FindNextAsync(row, cancellationToken) is { } next)
            {
                _storedReplays.Remove(next.Position.Position, out var stored);
                queue.AddReplay(new DeliveryEntry(definition.Name, next, stored, isReplay: true));
                continue;
            }

            queue.Changes.Unpark(row);
            FollowingLog.Retried(services.Logger, definition.Name, row.Stream);
        }
    }

    private async ValueTask<bool> ReadPageAsync(int limit, CancellationToken cancellationToken)
    {
        var at = new LogPosition(partition, Through);
        var page = await services.Store.ReadLogAsync(at, definition.Filter, limit, cancellationToken);
        if (page.End < at.Position)
            throw new LogReplacedException(definition.Name, at, $"The log ends at {page.End}.");
        foreach (var one in page.Events)
        {
            _stored.Remove(one.Position.Position, out var row);
            queue.Add(new DeliveryEntry(definition.Name, one, row));
        }

        IsAtEnd = !page.More;
        if (page.Through <= Through) return false;
        Through = page.Through;
        _throughId = page.Events.Count > 0 && page.Events[^1].Position.Position == Through ? page.Events[^1].Id : null;
        return true;
    }

    // The first event of a parked stream that waits, among those that were read.
    private async ValueTask<RecordedEvent?> FindNextAsync(ParkedRow row, CancellationToken cancellationToken)
    {
        var filter = definition.Filter with { Streams = new HashSet<StreamName> { row.Stream } };
        var after = new LogPosition(partition, new GlobalPosition(row.Document.Position - 1));
        while (after.Position < Through)
        {
            var page = await services.Store.ReadLogAsync(after, filter, 1, cancellationToken);
            if (page.Events.Count > 0) return page.Events[0].Position.Position <= Through ? page.Events[0] : null;
            if (!page.More) return null;
            after = after with { Position = page.Through };
        }

        return null;
    }
}
