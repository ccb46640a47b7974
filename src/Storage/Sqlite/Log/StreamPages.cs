namespace Granary.Storage.Sqlite;

/// <summary>
/// A stream page by page. Who asks for a second page reads on, so from there the next page is read while the last is
/// used; never more than that one ahead. Used by one reader; disposing waits for a read that is under way.
/// </summary>
internal sealed class StreamPages(
    ReaderPool readers, PartitionReader partition, StreamNumber stream, long after, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    // A page ends at a mark: so it is a mark's distance of events at least.
    private const int FirstPageEvents = 2 * IndexStatements.Spacing;
    private const int PageEventsMax = 16 * IndexStatements.Spacing;
    private const int Growth = 4;

    private readonly CancellationTokenSource _stopping =
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    private Task<Page>? _ahead;
    private long _after = after;
    private long _life = -1;
    private int _countMax = FirstPageEvents;
    private bool _isAtEnd;

    /// <summary>The next events, oldest first; none behind the last.</summary>
    public async ValueTask<IReadOnlyList<RecordedEvent>> NextAsync()
    {
        if (_isAtEnd) return [];
        var isFirst = _life < 0;
        var page = await (_ahead ?? ReadAsync());
        _ahead = null;

        // A stream that was cleared while it was read ends there: its new life is another read's.
        _isAtEnd = !page.More || (!isFirst && page.Life != _life);
        if (!isFirst && page.Life != _life) return [];
        _life = page.Life;
        if (_isAtEnd) return page.Events;

        // A page of large events holds few of them; to ask for many more would only be to look at them in vain.
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
        // Looked at before the read begins, so that nothing in it is too new for the read.
        var (from, countMax, tail) = (_after, _countMax, partition.Index.Tail.View(stream.Id));
        return readers.ReadAsync(session => partition.Stream(session, stream, tail, from, countMax), _stopping.Token);
    }
}
