namespace Granary;

/// <summary>Conveniences over <see cref="IEventStore"/>.</summary>
public static class EventStoreExtensions
{
    /// <summary>The partition of this store's log that a stream lives in.</summary>
    public static LogPartition PartitionOf(this IEventStore store, StreamName stream) =>
        LogPartition.Of(stream, store.PartitionCount);

    /// <summary>
    /// Commits one append alone and returns its answer. A silo's own appends go through its appender instead.
    /// </summary>
    public static async ValueTask<AppendResult> CommitAsync(
        this IEventStore store, Append append, DateTimeOffset timestamp, CancellationToken cancellationToken)
    {
        var batch = new AppendBatch(store.PartitionOf(append.Stream), timestamp, [append]);
        await store.CommitAsync(batch, cancellationToken);
        return batch.Results[0];
    }

    /// <summary>At most <paramref name="limit"/> events of a stream behind a version, oldest first.</summary>
    public static async ValueTask<IReadOnlyList<RecordedEvent>> ReadStreamForwardAsync(
        this IEventStore store, StreamName stream, StreamVersion after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await TakeAsync(store.ReadStreamAsync(stream, after, cancellationToken), limit);
    }

    /// <summary>
    /// At most <paramref name="limit"/> events of a stream before a version, newest first. Versions have no gaps, so a
    /// page backward is a page forward from so many versions earlier.
    /// </summary>
    public static async ValueTask<IReadOnlyList<RecordedEvent>> ReadStreamBackwardAsync(
        this IEventStore store, StreamName stream, StreamVersion before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        var last = Math.Min(before.Value - 1, head.Version.Value);
        if (last < 1) return [];

        var after = new StreamVersion(Math.Max(0, last - limit));
        var events = await TakeAsync(
            store.ReadStreamAsync(stream, after, cancellationToken), (int)(last - after.Value));
        events.Reverse();
        return events;
    }

    /// <summary>At most <paramref name="limit"/> events of a partition behind a position, oldest first.</summary>
    public static async ValueTask<IReadOnlyList<RecordedEvent>> ReadLogForwardAsync(
        this IEventStore store, LogPosition after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await TakeAsync(store.ReadLogAsync(after, cancellationToken), limit);
    }

    private static async ValueTask<List<RecordedEvent>> TakeAsync(IAsyncEnumerable<RecordedEvent> events, int limit)
    {
        var taken = new List<RecordedEvent>(Math.Min(limit, 128));
        await foreach (var recorded in events)
        {
            taken.Add(recorded);
            if (taken.Count == limit) break;
        }

        return taken;
    }
}
