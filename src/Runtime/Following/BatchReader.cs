namespace Granary.Runtime;

/// <summary>
/// Reads the batches of a session. While the reader is behind, several pages are one batch: a row that many of its
/// events change is then written once.
/// </summary>
internal sealed class BatchReader(WorkerDefinition definition, LogPartition partition, IEventStore store)
{
    /// <summary>No further page is added to a batch of so many bytes; its last page may be of any size.</summary>
    public const int BatchBytesMax = 2 * 1024 * 1024;

    /// <summary>The batch after a position, as one page.</summary>
    public async ValueTask<LogPage> ReadAsync(GlobalPosition after, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(after, definition.BatchEventsMax, cancellationToken);
        if (!HasMore(page) || page.Events.Count >= definition.BatchEventsMax) return page;
        var events = page.Events.ToList();
        for (var bytes = BytesOf(page); HasMore(page) && bytes < BatchBytesMax; bytes += BytesOf(page))
        {
            var room = definition.BatchEventsMax - events.Count;
            if (room == 0) break;
            page = await ReadPageAsync(page.Through, room, cancellationToken);
            events.AddRange(page.Events);
        }

        return page with { Events = events };
    }

    // A page that the filter takes nothing of ends the batch: the checkpoint is moved over what was looked through.
    private static bool HasMore(LogPage page) => page.More && page.Events.Count > 0;

    private static long BytesOf(LogPage page) => page.Events.Sum(static one => (long)one.Payload.Length);

    private ValueTask<LogPage> ReadPageAsync(GlobalPosition after, int limit, CancellationToken cancellationToken) =>
        store.ReadLogAsync(
            new LogPosition(partition, after), definition.Filter, Math.Min(limit, GranaryLimits.PageSizeMax),
            cancellationToken);
}
