namespace Granary;

/// <summary>The names of a store's streams. Members may be called from many threads at once.</summary>
/// <remarks>As with <see cref="IEventStore"/>, every member may throw <see cref="StoreUnavailableException"/>,
/// <see cref="StoreCorruptException"/> and <see cref="OperationCanceledException"/>.</remarks>
public interface IStreamCatalog
{
    /// <summary>
    /// A page of the names of the streams that hold events or have held some, each of them once, in an order of the
    /// store's own that never changes. Streams that begin while pages are read may be missing.
    /// </summary>
    /// <remarks>
    /// The store looks at a bounded number of streams for a page: a page may have fewer than the limit allows, or none,
    /// though more follow. The last page has no <see cref="StreamPage.Next"/>.
    /// </remarks>
    /// <param name="category">The category whose streams are read; null for all.</param>
    /// <param name="after">Where the page before ended: its <see cref="StreamPage.Next"/>; null for the first.</param>
    /// <param name="limit">How many names at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is less than 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="after"/> names no stream of the store.</exception>
    ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken);
}
