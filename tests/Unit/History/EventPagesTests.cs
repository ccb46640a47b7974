using Granary.Runtime;

namespace Granary.Tests.Unit.History;

public sealed class EventPagesTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly StreamName Stream = new("pages", "1");
    private static readonly StreamVersion End = new(long.MaxValue);

    private readonly MemoryEventStore _store = new(1, new MemorySnapshotStore());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_that_is_just_full_has_no_more()
    {
        await AppendAsync(10, size: 10);
        Assert.Equal((10, false), Of(await ForwardAsync(0, 10)));
        Assert.Equal((9, true), Of(await ForwardAsync(0, 9)));
        Assert.Equal((10, false), Of(await BackwardAsync(End, 10)));
        Assert.Equal((9, true), Of(await BackwardAsync(End, 9)));
        Assert.Equal((10, false), Of(await LogAsync(0, 10)));
        Assert.Equal((9, true), Of(await LogAsync(0, 9)));
    }

    [Fact]
    public async Task A_page_after_the_end_is_empty()
    {
        await AppendAsync(3, size: 10);
        Assert.Equal((0, false), Of(await ForwardAsync(3, 10)));
        Assert.Equal((0, false), Of(await LogAsync(3, 10)));
        Assert.Equal((0, false), Of(await BackwardAsync(new(1), 10)));
        Assert.Equal((0, false), Of(await BackwardAsync(StreamVersion.Zero, 10)));
    }

    [Fact]
    public async Task A_page_ends_before_it_is_over_its_bytes_and_the_next_continues_there()
    {
        // Payload and the two bytes of empty metadata: seven fit into 8 MiB, eight do not.
        await AppendAsync(20, size: Mebibyte);
        Assert.Equal((7, true), Of(await ForwardAsync(0, 1_000)));
        Assert.Equal((7, true), Of(await LogAsync(0, 1_000)));
        Assert.Equal((7, true), Of(await BackwardAsync(End, 1_000)));
        Assert.Equal((6, false), Of(await ForwardAsync(14, 1_000)));
        Assert.Equal((6, false), Of(await BackwardAsync(new(7), 1_000)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task Backward_pages_of_events_of_any_size_meet_every_event_once(int limit)
    {
        for (var round = 0; round < 8; round++)
        {
            await AppendAsync(30, size: 10);
            await AppendAsync(3, size: Mebibyte);
        }

        var seen = new List<long>();
        for (var page = await BackwardAsync(End, limit); ; page = await BackwardAsync(new(seen[^1]), limit))
        {
            Assert.InRange(page.Events.Count, 1, limit);
            Assert.InRange(page.Events.Sum(static one => (long)one.Payload.Length), 0, GranaryLimits.PageBytesMax);
            seen.AddRange(page.Events.Select(static one => one.Version.Value));
            if (!page.More) break;
        }

        Assert.Equal(Enumerable.Range(1, 264).Reverse().Select(static one => (long)one), seen);
    }

    private static (int Events, bool More) Of(EventPage page) => (page.Events.Count, page.More);

    private ValueTask<EventPage> ForwardAsync(long after, int limit) =>
        _store.ReadStreamForwardAsync(Stream, new(after), limit, Token);

    private ValueTask<EventPage> BackwardAsync(StreamVersion before, int limit) =>
        _store.ReadStreamBackwardAsync(Stream, before, limit, Token);

    private ValueTask<EventPage> LogAsync(long after, int limit) =>
        _store.ReadLogForwardAsync(new LogPosition(default, new(after)), limit, Token);

    private async Task AppendAsync(int count, int size)
    {
        for (var number = 0; number < count; number++)
        {
            var @event = new NewEvent(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), "filled", new byte[size]);
            var append = new Append(Stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System), [@event]);
            await _store.CommitAsync(append, DateTimeOffset.UnixEpoch, Token);
        }
    }
}
