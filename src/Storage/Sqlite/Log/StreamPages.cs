namespace Granary.Storage.Sqlite;

/// <summary>
/// A stream page by page. A reader of a second page is likely to continue, so from there the next page is read while
/// the last is used; never more than that one ahead. Used by one reader; disposing waits for a read that runs.
/// </summary>
internal sealed class StreamPages(
    ReaderPool readers, PartitionReader partition, StreamNumber stream, long after, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    // A page ends at a mark, so it has at least as many events as there are from mark to mark.
    private const int FirstPageEvents = 2 * IndexStatements.Spacing;
    private const int PageEventsMax = 16 * IndexStatements.Spacing;
    private const int Growth = 4;

    private readonly CancellationTokenSource _stopping =
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    private Task<Page>? _ahead;
    private long _after = after;
    private long _generation = -1;
    private int _countMax = FirstPageEvents;
    private bool _isAtEnd;

    /// <summary>The next events, oldest first; none after the last.</summary>
    /// <exception cref="StoreUnavailableException">The stream was cleared while it was read.</exception>
    public async ValueTask<IReadOnlyList<RecordedEvent>> NextAsync()
    {
        if (_isAtEnd) return [];
        var isFirst = _generation < 0;
        var page = await (_ahead ?? ReadAsync());
        _ahead = null;

        // What was read is not the stream as it was at any instant since the read began, and cannot become it.
        if (!isFirst && page.Generation != _generation)
            throw new StoreUnavailableException($"Stream {stream.Name} was cleared while it was read. Read it again.");
        _isAtEnd = !page.More;
        _generation = page.Generation;
        if (_isAtEnd) return page.Events;

        // A page of large events has few of them: reading the sizes of many more would be of no use.
        _countMax = Math.Clamp(page.Events.Count * Growth, FirstPageEvents, PageEventsMax);
        _after = page.Events[^1].Version.Value;
        if (!isFirst) _ahead = ReadAsync();
        return page.Events;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ahead is { } ahead)
        {
            await _stopping.CancelAsync();
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stopping.Dispose();
    }

    private Task<Page> ReadAsync()
    {
        // Read before the transaction begins, so that nothing in it is too new for the read.
        var (from, countMax, unflushed) = (_after, _countMax, partition.Index.Unflushed.View(stream.Id));
        return readers.ReadAsync(
            session => partition.Stream(session, stream, unflushed, from, countMax), _stopping.Token);
    }
}
