using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>
/// A page of events, read one after the other while it is sent, within its limits. Where reading fails after the first
/// event the page ends before the failure: the next page begins with it, and its problem document reports it.
/// </summary>
internal sealed class PageReader : IAsyncDisposable
{
    private readonly IAsyncEnumerator<RecordedEvent> _events;
    private readonly Func<RecordedEvent, IPageItem> _convert;
    private readonly int _limit;
    private int _count;
    private long _size;

    private PageReader(
        IAsyncEnumerable<RecordedEvent> events, int limit, Func<RecordedEvent, IPageItem> convert,
        CancellationToken cancellationToken) =>
        (_events, _limit, _convert) = (events.GetAsyncEnumerator(cancellationToken), limit, convert);

    /// <summary>The event that the page ends with so far, or null.</summary>
    public RecordedEvent? Last { get; private set; }

    /// <summary>The event that was read last, ready to be written; null after the end of the page.</summary>
    public IPageItem? Current { get; private set; }

    /// <summary>Whether more events follow the page. Known after its end.</summary>
    public bool More { get; private set; }

    /// <summary>Begins a page: its first event is read, and what fails then is thrown.</summary>
    public static async Task<PageReader> BeginAsync(
        IAsyncEnumerable<RecordedEvent> events, int limit, Func<RecordedEvent, IPageItem> convert,
        CancellationToken cancellationToken)
    {
        var page = new PageReader(events, limit, convert, cancellationToken);
        try
        {
            await page.ReadAsync();
            return page;
        }
        catch
        {
            await page.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the next event into <see cref="Current"/>.</summary>
    public async ValueTask NextAsync(HttpContext context)
    {
        try
        {
            await ReadAsync();
        }
        catch (Exception fault) when (!context.RequestAborted.IsCancellationRequested)
        {
            Problems.Logger(context).PageEnded(fault, RequestTarget.Path(context), _count);
            End();
        }
    }

    /// <summary>Ends the page here; more events follow it.</summary>
    public void End() => (Current, More) = (null, true);

    public ValueTask DisposeAsync() => _events.DisposeAsync();

    private async ValueTask ReadAsync()
    {
        Current = null;
        if (!await _events.MoveNextAsync()) return;
        var recorded = _events.Current;
        _size += recorded.Payload.Length + recorded.Metadata.Utf8.Length;
        More = _count == _limit || (_count > 0 && _size > GranaryLimits.PageBytesMax);
        if (More) return;
        Current = _convert(recorded);
        (Last, _count) = (recorded, _count + 1);
    }
}
