namespace Granary.Testing.Conformance.Stores;

/// <summary>The log is read in pages, which hold what the filter takes and name how far they looked.</summary>
public abstract class LogPageConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    private const int Rounds = 10;

    [Theory]
    [InlineData(null, null)]
    [InlineData("order", null)]
    [InlineData(null, "opened")]
    [InlineData("order", "opened")]
    [InlineData("order", "never")]
    [InlineData(null, EventTypes.StreamCleared)]
    public async Task Pages_hold_every_event_that_the_filter_takes_and_no_other(string? category, string? type)
    {
        await FillAsync();
        var filter = new LogFilter
        {
            Categories = category is null ? null : new HashSet<string> { category },
            EventTypes = type is null ? null : new HashSet<string> { type },
        };
        for (var at = 0; at < Data.Partitions; at++)
        {
            var partition = new LogPartition(at);
            var expected = (await LogAsync(partition))
                .Where(one => (category is null || one.Stream.Category == category)
                    && (type is null || one.Type == type));
            foreach (var limit in new[] { 1, 3, 1_000 })
            {
                var read = await PagesAsync(partition, filter, limit);
                Assert.Equal(Reading.Positions(expected), Reading.Positions(read));
            }
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("order", null)]
    [InlineData(null, "opened")]
    public async Task Pages_of_streams_hold_their_events_and_no_others(string? category, string? type)
    {
        await FillAsync();
        HashSet<StreamName> few = [new("order", "1"), new("Order", "1"), new("account", "3"), new("order", "absent")];
        HashSet<StreamName> many = [new("order", "2"), new("account", "0")];
        while (many.Count < GranaryLimits.FilterStreamsMax) many.Add(new("absent", $"{many.Count}"));
        foreach (var streams in new HashSet<StreamName>[] { few, many, [] })
        {
            var filter = new LogFilter
            {
                Streams = streams,
                Categories = category is null ? null : new HashSet<string> { category },
                EventTypes = type is null ? null : new HashSet<string> { type },
            };
            for (var at = 0; at < Data.Partitions; at++)
            {
                var partition = new LogPartition(at);
                var expected = (await LogAsync(partition)).Where(one => streams.Contains(one.Stream)
                    && (category is null || one.Stream.Category == category) && (type is null || one.Type == type));
                foreach (var limit in new[] { 1, 3, 1_000 })
                {
                    var read = await PagesAsync(partition, filter, limit);
                    Assert.Equal(Reading.Positions(expected), Reading.Positions(read));
                }
            }
        }
    }

    [Fact]
    public async Task A_filter_of_more_streams_than_are_allowed_is_refused()
    {
        var streams = Enumerable.Range(0, GranaryLimits.FilterStreamsMax + 1).Select(static at => Stream($"{at}"));
        var filter = new LogFilter { Streams = streams.ToHashSet() };

        await Assert.ThrowsAsync<LimitExceededException>(
            async () => await Events.ReadLogAsync(At(Stream("none"), 0), filter, 10, Token));
    }

    [Fact]
    public async Task The_end_of_the_partition_is_known_to_each_page()
    {
        var stream = Stream("end");
        await AppendAsync(stream, "1", "2", "3");
        var first = await Events.ReadLogAsync(At(stream, 0), LogFilter.All, 2, Token);
        Assert.Equal((2, 2, 3, true), (first.Events.Count, first.Through.Value, first.End.Value, first.More));

        var last = await Events.ReadLogAsync(At(stream, 2), LogFilter.All, 2, Token);
        Assert.Equal((1, 3, 3, false), (last.Events.Count, last.Through.Value, last.End.Value, last.More));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(long.MaxValue)]
    public async Task A_page_after_the_end_is_empty_and_goes_nowhere(long after)
    {
        var stream = Stream("after");
        await AppendAsync(stream, "1", "2", "3");

        var page = await Events.ReadLogAsync(At(stream, after), LogFilter.All, 2, Token);

        Assert.Empty(page.Events);
        Assert.Equal((after, 3, false), (page.Through.Value, page.End.Value, page.More));
    }

    [Fact]
    public async Task Pages_of_large_events_are_within_the_bytes_of_a_page()
    {
        var stream = Stream("large");
        for (var at = 0; at < 12; at++)
            await CommitAsync(new(stream, ExpectedVersion.Any, new(NextId()), [Of(1_000_000)]));

        Assert.Equal(12, (await PagesAsync(Events.PartitionOf(stream), LogFilter.All, 1_000)).Count);
    }

    [Fact]
    public async Task A_page_without_room_for_an_event_is_refused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Events.ReadLogAsync(At(Stream("none"), 0), LogFilter.All, 0, Token));

    // Pages that hold nothing get further too, so this ends.
    private async Task<List<RecordedEvent>> PagesAsync(LogPartition partition, LogFilter filter, int limit)
    {
        var (events, after) = (new List<RecordedEvent>(), GlobalPosition.Zero);
        while (true)
        {
            var page = await Events.ReadLogAsync(new(partition, after), filter, limit, Token);
            Assert.InRange(page.Events.Count, 0, limit);
            if (page.Events.Count > 1) Assert.InRange(page.Events.Sum(SizeOf), 0, GranaryLimits.PageBytesMax);
            Assert.All(
                Reading.Positions(page.Events), one => Assert.InRange(one, after.Value + 1, page.Through.Value));
            events.AddRange(page.Events);
            if (!page.More) return events;
            Assert.True(page.Through > after, $"The page after {after} gets no further.");
            after = page.Through;
        }
    }

    private async Task FillAsync()
    {
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var category in new[] { "order", "account", "Order" })
            {
                var stream = new StreamName(category, $"{round % 4}");
                foreach (var type in new[] { "opened", "Opened", "closed" })
                    await CommitAsync(new(stream, ExpectedVersion.Any, new(NextId()), [Of(type)]));
                if (round % 3 == 1) await CommitAsync(Clear(stream));
            }
        }
    }

    private static long SizeOf(RecordedEvent one) => one.Payload.Length + one.Metadata.Utf8.Length;

    private NewEvent Of(int size) => new(NextId(), "filled", new byte[size]);

    private NewEvent Of(string type) => new(NextId(), type, "{}"u8.ToArray());
}
