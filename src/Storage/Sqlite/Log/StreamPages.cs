using System.Threading.Channels;

namespace Granary.Storage.Sqlite;

/// <summary>
/// A stream page by page. A reader of a second page is likely to continue, so from there pages are read while the last
/// is used: one waits to be used and one is being read, never more. Used by one reader; disposing waits for a read that
/// runs.
/// </summary>
internal sealed class StreamPages(
    ReaderPool readers, PartitionReader partition, StreamNumber stream, long after, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    // A page ends at a mark, so it has at least as many events as there are from mark to mark.
    private const int FirstPageEvents = 2 * EventMarks.Spacing;
    private const int PageEventsMax = 16 * EventMarks.Spacing;
    private const int Growth = 4;

    private readonly CancellationTokenSource _stopping =
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    private Channel<Page>? _ahead;
    private Task _reading = Task.CompletedTask;
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
        var page = _ahead is null ? await ReadAsync() : await TakeAheadAsync(_ahead.Reader);

        // What was read is not the stream as it was at any instant since the read began, and cannot become it.
        if (!isFirst && page.Generation != _generation)
            throw new StoreUnavailableException($"Stream {stream.Name} was cleared while it was read. Read it again.");
        _isAtEnd = !page.More;
        _generation = page.Generation;
        if (!isFirst && _ahead is null && page.More)
        {
            _ahead = Channel.CreateBounded<Page>(1);
            _reading = ReadAheadAsync(_ahead.Writer);
        }

        return page.Events;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task<Page> TakeAheadAsync(ChannelReader<Page> ahead)
    {
        // Where reading has failed, this throws its error after the pages before.
        await ahead.WaitToReadAsync(_stopping.Token);
        return ahead.TryRead(out var page) ? page : throw new InvalidOperationException("No page was read ahead.");
    }

    // One page after the other without waiting for who uses them.
    private async Task ReadAheadAsync(ChannelWriter<Page> ahead)
    {
        try
        {
            for (var more = true; more;)
            {
                var page = await ReadAsync().ConfigureAwait(false);
                more = page.More;
                await ahead.WriteAsync(page, _stopping.Token).ConfigureAwait(false);
            }

            ahead.Complete();
        }
        catch (Exception fault)
        {
            ahead.Complete(fault);
        }
    }

    private async Task<Page> ReadAsync()
    {
        // Read before the transaction begins, so that nothing in it is too new for the read.
        var (from, countMax, unflushed) = (_after, _countMax, partition.Index.Unflushed.View(stream.Id));
        var page = await readers.ReadAsync(
            session => partition.Stream(session, stream, unflushed, from, countMax), _stopping.Token)
            .ConfigureAwait(false);
        if (!page.More) return page;

        // A page of large events has few of them: reading the sizes of many more would be of no use.
        _countMax = Math.Clamp(page.Events.Count * Growth, FirstPageEvents, PageEventsMax);
        _after = page.Events[^1].Version.Value;
        return page;
    }
}
