namespace Granary.Runtime;

/// <summary>Fills the queue of a subscription from the log: with what comes next, and with parked streams.</summary>
internal sealed class DeliveryReader(
    WorkerDefinition definition,
    LogPartition partition,
    WorkerServices services,
    ParkedStreams parked,
    DeliveryQueue queue)
{
    /// <summary>After how many bytes of events one round of a worker reads no further page to hand out.</summary>
    public const long RoundBytesMax = 4 * 1024 * 1024;

    // A round that reads for longer answers first what it has.
    private static readonly TimeSpan RoundMax = TimeSpan.FromSeconds(1);

    // How many pages one call searches for events of parked streams.
    private const int SearchPagesMax = 16;

    private readonly Dictionary<GlobalPosition, ModelRow> _stored = [];
    private readonly Dictionary<GlobalPosition, ModelRow> _storedReplays = [];
    private readonly HashSet<string> _replayed = [];
    private readonly Dictionary<StreamName, GlobalPosition> _searched = [];
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
            if (document.Replayed is { } stream) _replayed.Add(stream);
            (document.Replayed is null ? _stored : _storedReplays)[new GlobalPosition(document.Position)] = row;
        }

        // Until every event that was handed out is in the window.
        var more = true;
        while (more && _stored.Keys.Any(one => one > Through))
            more = await ReadPageAsync(GranaryLimits.PageSizeMax, cancellationToken);

        foreach (var row in _stored.Values) queue.Changes.Delete(row);
        _stored.Clear();
        do await LoadReplaysAsync(cancellationToken);
        while (_storedReplays.Count > 0 && IsSearching);
        foreach (var row in _storedReplays.Values) queue.Changes.Delete(row);
        _storedReplays.Clear();
        _replayed.Clear();
    }

    /// <summary>Reads a page where there is room for it.</summary>
    /// <returns>Whether the log had more.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken) =>
        queue.Window.Room is > 0 and var room && await ReadPageAsync(room, cancellationToken);

    /// <summary>The id of the event through which the log was read.</summary>
    public async ValueTask<Guid> ReadThroughIdAsync(WorkerCheckpoint checkpoint, CancellationToken cancellationToken) =>
        _throughId ??= await checkpoint.ReadEventIdAsync(Through, cancellationToken);

    /// <summary>Whether the last call has not finished its search for events of parked streams.</summary>
    public bool IsSearching { get; private set; }

    /// <summary>Reads the parked streams as they are stored.</summary>
    public async ValueTask LoadParkedAsync(CancellationToken cancellationToken)
    {
        await parked.LoadAsync(cancellationToken);

        // One whose row is about to be deleted is parked no more: events of it that are read now are handed out.
        foreach (var one in queue.Changes.Unparked) parked.Forget(one);
    }

    /// <summary>Does what is asked for with parked streams, as they were loaded last.</summary>
    public async ValueTask LoadReplaysAsync(CancellationToken cancellationToken)
    {
        // Of those that a consumer has, the lease goes on.
        var requested = parked.Requested.OrderBy(one => _replayed.Contains(one.Stream.ToString()) ? 0 : 1)
            .ThenBy(static one => one.Document.First).ToArray();
        (IsSearching, var pages) = (false, 0);
        foreach (var row in requested)
        {
            // What a consumer has is answered before anything else is done with its stream.
            if (await IsLeasedAsync(row.Stream, cancellationToken)) continue;
            if (row.Document.Request == ParkedRequest.Drop)
            {
                queue.RemoveReplay(row.Stream);
                Unpark(row);
                FollowingLog.Dropped(services.Logger, definition.Name, row.Stream, row.First);
                continue;
            }

            if (queue.Replays.Any(one => one.Stream == row.Stream)) continue;
            var isKept = _replayed.Contains(row.Stream.ToString());
            if (!isKept && queue.Replays.Count >= DeliveryQueue.ReplaysMax) continue;
            if (isKept || ++pages <= SearchPagesMax) await SearchAsync(row, cancellationToken);
            else IsSearching = true;
        }
    }

    /// <summary>Reads events as they are in the log now: as many of them as one round hands out.</summary>
    /// <returns>
    /// The entries that were read, and the events by their positions. One that is not there was removed, and the filter
    /// does not take what is left of it.
    /// </returns>
    public async ValueTask<(IReadOnlyList<DeliveryEntry> Read, Dictionary<GlobalPosition, RecordedEvent> Events)>
        ReadAgainAsync(IReadOnlyList<DeliveryEntry> entries, long bytesMax, CancellationToken cancellationToken)
    {
        var (read, found) = (new List<DeliveryEntry>(entries.Count), new Dictionary<GlobalPosition, RecordedEvent>());
        var (bytes, began) = (0L, services.Time.GetTimestamp());
        foreach (var entry in entries)
        {
            var isEnough = bytes > bytesMax
                || (read.Count > 0 && services.Time.GetElapsedTime(began) >= RoundMax);
            if (isEnough && !found.ContainsKey(entry.Position)) break;
            read.Add(entry);
            if (found.ContainsKey(entry.Position)) continue;

            // The event itself is the first that such a page can have.
            var before = Before(entry.Position);
            var page = await services.Store.ReadLogAsync(before, definition.Filter, entries.Count, cancellationToken);
            if (page.End < entry.Position)
                throw new LogReplacedException(definition.Name, before, $"The log ends at {page.End}.");
            foreach (var one in page.Events)
            {
                if (found.TryAdd(one.Position.Position, one)) bytes += DeliveryQueue.SizeOf(one);
            }
        }

        return (read, found);
    }

    private void Unpark(ParkedRow row)
    {
        _searched.Remove(row.Stream);
        queue.Changes.Unpark(row);
        parked.Forget(row.Stream);
    }

    private async ValueTask<bool> ReadPageAsync(int limit, CancellationToken cancellationToken)
    {
        var at = new LogPosition(partition, Through);
        var page = await services.Store.ReadLogAsync(at, definition.Filter, limit, cancellationToken);
        if (page.End < at.Position)
            throw new LogReplacedException(definition.Name, at, $"The log ends at {page.End}.");
        var removed = await ReadRemovedAsync(page, cancellationToken);
        foreach (var one in page.Events.Concat(removed).OrderBy(static one => one.Position.Position))
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

    // Events of a page that consumers have and that were removed since, so that the filter does not take them any more:
    // the next events of their streams wait until the leases end.
    private async ValueTask<IReadOnlyList<RecordedEvent>> ReadRemovedAsync(
        LogPage page, CancellationToken cancellationToken)
    {
        if (_stored.Count == 0) return [];
        var read = page.Events.Select(static one => one.Position.Position).ToHashSet();
        var removed = new List<RecordedEvent>();
        foreach (var (position, row) in _stored)
        {
            if (position <= Through || position > page.Through || read.Contains(position)
                || DeliveryEntry.Parse(row).State != DeliveryState.Leased) continue;
            if (await ReadLeftAsync(position, cancellationToken) is { } left) removed.Add(left);
        }

        return removed;
    }

    // An event, or what is left of it.
    private async ValueTask<RecordedEvent?> ReadLeftAsync(
        GlobalPosition position, CancellationToken cancellationToken)
    {
        var page = await services.Store.ReadLogAsync(Before(position), LogFilter.All, 1, cancellationToken);
        return page.Events.FirstOrDefault(one => one.Position.Position == position);
    }

    private LogPosition Before(GlobalPosition position) => new(partition, new GlobalPosition(position.Value - 1));

    // Whether a consumer has an event of a parked stream; also one that an earlier owner has handed out, and one that
    // was removed since.
    private async ValueTask<bool> IsLeasedAsync(StreamName stream, CancellationToken cancellationToken)
    {
        if (queue.Replays.FirstOrDefault(one => one.Stream == stream) is { } replay)
            return replay.State == DeliveryState.Leased;
        var (name, found) = (stream.ToString(), default(GlobalPosition?));
        if (!_replayed.Contains(name)) return false;
        foreach (var (position, row) in _storedReplays)
        {
            var document = DeliveryEntry.Parse(row);
            if (document.Replayed == name && document.State == DeliveryState.Leased) found = position;
        }

        if (found is not { } at || await ReadLeftAsync(at, cancellationToken) is not { } left) return false;
        _storedReplays.Remove(at, out var stored);
        queue.AddReplay(new DeliveryEntry(definition.Name, left, stored, isReplay: true));
        return true;
    }

    // Looks at one page for the first event of a parked stream that waits, among those that were read: a search that
    // goes far is continued between two answers.
    private async ValueTask SearchAsync(ParkedRow row, CancellationToken cancellationToken)
    {
        var first = new GlobalPosition(row.Document.First - 1);
        if (_searched.TryGetValue(row.Stream, out var searched) && searched > first) first = searched;
        if (first < Through)
        {
            var filter = definition.Filter with { Streams = new HashSet<StreamName> { row.Stream } };
            var page = await services.Store.ReadLogAsync(
                new LogPosition(partition, first), filter, 1, cancellationToken);
            if (page.Events.Count > 0 && page.Events[0].Position.Position <= Through)
            {
                _searched.Remove(row.Stream);
                _storedReplays.Remove(page.Events[0].Position.Position, out var stored);
                queue.AddReplay(new DeliveryEntry(definition.Name, page.Events[0], stored, isReplay: true));
                return;
            }

            if (page.Events.Count == 0 && page.Through < Through && page.Through > first)
            {
                _searched[row.Stream] = page.Through;
                IsSearching = true;
                return;
            }
        }

        Unpark(row);
        FollowingLog.Retried(services.Logger, definition.Name, row.Stream);
    }
}
