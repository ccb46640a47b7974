using Granary.Runtime;

namespace Granary.Tests.Unit.Abstractions;

public sealed class EventStoreExtensionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly StreamName Stream = new("account", "a1");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly MemoryEventStore _store = new(3);

    [Fact]
    public async Task An_append_alone_is_answered_and_goes_to_the_partition_of_its_stream()
    {
        var result = await AppendAsync(2, ExpectedVersion.NoStream);
        var lost = await AppendAsync(1, ExpectedVersion.NoStream);

        Assert.Equal(LogPartition.Of(Stream, 3), _store.PartitionOf(Stream));
        Assert.Equal(
            new AppendResult(
                AppendOutcome.Appended, new(2), new(_store.PartitionOf(Stream), new GlobalPosition(2)), Now),
            result);
        Assert.Equal(AppendOutcome.Conflict, lost.Outcome);
    }

    [Theory]
    [InlineData(0, 3, "1 2 3")]
    [InlineData(3, 3, "4 5 6")]
    [InlineData(6, 3, "7")]
    [InlineData(7, 3, "")]
    [InlineData(99, 3, "")]
    [InlineData(0, 1000, "1 2 3 4 5 6 7")]
    [InlineData(0, int.MaxValue, "1 2 3 4 5 6 7")]
    public async Task A_page_forward_is_what_follows_oldest_first(int after, int limit, string versions)
    {
        await AppendAsync(7, ExpectedVersion.Any);

        var page = await _store.ReadStreamForwardAsync(Stream, new(after), limit, None);

        Assert.Equal(versions, string.Join(' ', page.Events.Select(static one => one.Version)));
    }

    [Theory]
    [InlineData(long.MaxValue, 3, "7 6 5")]
    [InlineData(8, 3, "7 6 5")]
    [InlineData(7, 3, "6 5 4")]
    [InlineData(5, 4, "4 3 2 1")]
    [InlineData(3, 3, "2 1")]
    [InlineData(1, 3, "")]
    [InlineData(0, 3, "")]
    [InlineData(long.MaxValue, int.MaxValue, "7 6 5 4 3 2 1")]
    public async Task A_page_backward_is_what_came_before_newest_first(long before, int limit, string versions)
    {
        await AppendAsync(7, ExpectedVersion.Any);

        var page = await _store.ReadStreamBackwardAsync(Stream, new(before), limit, None);

        Assert.Equal(versions, string.Join(' ', page.Events.Select(static one => one.Version)));
    }

    [Fact]
    public async Task A_page_of_the_memory_store_looks_at_a_bounded_number_of_events()
    {
        await AppendAsync(GranaryLimits.AppendEventsMax, ExpectedVersion.NoStream);
        var never = new LogFilter { EventTypes = new HashSet<string> { "never" } };
        var after = LogPosition.StartOf(_store.PartitionOf(Stream));
        var pages = 0;
        for (var more = true; more; pages++)
        {
            var page = await _store.ReadLogAsync(after, never, 1, None);
            Assert.Empty(page.Events);
            Assert.True(page.Through > after.Position);
            (after, more) = (after with { Position = page.Through }, page.More);
        }

        Assert.Equal((GranaryLimits.AppendEventsMax, 3), (after.Position.Value, pages));
    }

    [Fact]
    public async Task A_page_of_the_log_is_what_follows_in_its_partition()
    {
        await AppendAsync(5, ExpectedVersion.Any);
        var start = LogPosition.StartOf(_store.PartitionOf(Stream));

        var page = await _store.ReadLogForwardAsync(start with { Position = new(2) }, 2, None);
        var elsewhere = await _store.ReadLogForwardAsync(
            LogPosition.StartOf(new LogPartition((start.Partition.Value + 1) % 3)), 2, None);

        Assert.Equal([3L, 4L], page.Events.Select(static one => one.Position.Position.Value));
        Assert.Empty(elsewhere.Events);
    }

    [Fact]
    public async Task An_absent_stream_has_only_empty_pages()
    {
        Assert.Empty((await _store.ReadStreamForwardAsync(Stream, StreamVersion.Zero, 10, None)).Events);
        Assert.Empty((await _store.ReadStreamBackwardAsync(Stream, new(long.MaxValue), 10, None)).Events);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_page_holds_at_least_one(int limit)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await _store.ReadStreamForwardAsync(Stream, default, limit, None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await _store.ReadStreamBackwardAsync(Stream, new(5), limit, None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await _store.ReadLogForwardAsync(default, limit, None));
    }

    private ValueTask<AppendResult> AppendAsync(int events, ExpectedVersion expected) => _store.CommitAsync(
        new Append(
            Stream, expected, new AppendId(Guid.CreateVersion7(Now)),
            [.. Enumerable.Range(0, events).Select(
                static _ => new NewEvent(Guid.CreateVersion7(Now), "noted", "{}"u8.ToArray()))]),
        Now,
        None);
}
