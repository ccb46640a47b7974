using System.Runtime.CompilerServices;

namespace Granary;

/// <summary>Conveniences over <see cref="IEventStore"/>.</summary>
public static class EventStoreExtensions
{
    // Many readers take a few events and stop.
    private const int FirstPageEvents = 32;
    private const int PageEventsMax = 512;

    /// <summary>The partition of this store's log that a stream belongs to.</summary>
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

    /// <summary>A page of at most <paramref name="limit"/> events of a stream after a version, oldest first.</summary>
    public static ValueTask<EventPage> ReadStreamForwardAsync(
        this IEventStore store, StreamName stream, StreamVersion after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return EventPages.ForwardAsync(store.ReadStreamAsync(stream, after, cancellationToken), limit);
    }

    /// <summary>A page of at most <paramref name="limit"/> events of a stream before a version, newest first.</summary>
    public static ValueTask<EventPage> ReadStreamBackwardAsync(
        this IEventStore store, StreamName stream, StreamVersion before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return EventPages.BackwardAsync(store, stream, before, limit, cancellationToken);
    }

    /// <summary>
    /// A page of at most <paramref name="limit"/> events of a partition after a position, oldest first.
    /// </summary>
    public static async ValueTask<EventPage> ReadLogForwardAsync(
        this IEventStore store, LogPosition after, int limit, CancellationToken cancellationToken)
    {
        var page = await store.ReadLogAsync(after, LogFilter.All, limit, cancellationToken);
        return new EventPage(page.Events, page.More);
    }

    /// <summary>
    /// The events of a partition after a position, oldest first, page by page up to the end that the last page finds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The store has no such partition; thrown by the first read.
    /// </exception>
    public static async IAsyncEnumerable<RecordedEvent> ReadLogAsync(
        this IEventStore store, LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var limit = FirstPageEvents; ; limit = Math.Min(2 * limit, PageEventsMax))
        {
            var page = await store.ReadLogAsync(after, LogFilter.All, limit, cancellationToken);
            foreach (var recorded in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return recorded;
            }

            if (!page.More) yield break;
            after = after with { Position = page.Through };
        }
    }
}
