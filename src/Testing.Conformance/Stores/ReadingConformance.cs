namespace Granary.Testing.Conformance.Stores;

public abstract class ReadingConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task After_is_exclusive()
    {
        var streams = Together(2);
        await CommitAllAsync(
            Append(streams[0], ExpectedVersion.Any, "1"), Append(streams[1], ExpectedVersion.Any, "x"),
            Append(streams[0], ExpectedVersion.Any, "2", "3"));

        Assert.Equal("1 2 3", Reading.Texts(await StreamAsync(streams[0], after: 0)));
        Assert.Equal("2 3", Reading.Texts(await StreamAsync(streams[0], after: 1)));
        Assert.Equal("3", Reading.Texts(await StreamAsync(streams[0], after: 2)));
        var partition = Events.PartitionOf(streams[0]);
        Assert.Equal("1 x 2 3", Reading.Texts(await LogAsync(partition, after: 0)));
        Assert.Equal("x 2 3", Reading.Texts(await LogAsync(partition, after: 1)));
        Assert.Equal("3", Reading.Texts(await LogAsync(partition, after: 3)));
    }

    [Fact]
    public async Task Reading_from_the_end_or_beyond_it_is_empty()
    {
        var stream = Stream("end");
        await AppendAsync(stream, "1", "2");
        foreach (var after in new[] { 2, 3, int.MaxValue, int.MaxValue + 1L, long.MaxValue })
        {
            Assert.Empty(await StreamAsync(stream, after));
            Assert.Empty(await LogAsync(Events.PartitionOf(stream), after));
        }
    }

    [Fact]
    public async Task A_stream_that_never_was_is_empty_and_at_version_0()
    {
        var (present, absent) = (Together(2)[0], Together(2)[1]);
        await AppendAsync(present, "a");

        Assert.Empty(await StreamAsync(absent));
        Assert.Equal(new StreamHead(absent, default, At(absent, 0), null, null), await HeadAsync(absent));
        for (var at = 0; at < Data.Partitions - 1; at++) Assert.Empty(await LogAsync(new(at)));
    }

    [Fact]
    public async Task The_head_is_where_a_stream_ends_and_when_it_was_written()
    {
        var streams = Together(2);
        await CommitAsync(Append(streams[0], ExpectedVersion.Any, "1", "2"), Noon);
        Assert.Equal(
            new StreamHead(streams[0], new(2), At(streams[0], 2), Noon, Noon, new(1)), await HeadAsync(streams[0]));

        await CommitAsync(Append(streams[1], ExpectedVersion.Any, "x"), Noon.AddHours(1));
        await CommitAsync(Append(streams[0], ExpectedVersion.Any, "3"), Noon.AddHours(2));
        Assert.Equal(
            new StreamHead(streams[0], new(3), At(streams[0], 4), Noon, Noon.AddHours(2), new(1)),
            await HeadAsync(streams[0]));
    }

    [Fact]
    public async Task A_long_stream_is_read_whole_from_any_version()
    {
        const int length = 2_600;
        var streams = Together(2);
        for (var round = 0; round < 2; round++)
        {
            var texts = Enumerable.Range(1 + round * length / 2, length / 2).Select(static at => $"{at}").ToArray();
            await AppendAsync(streams[0], texts);
            await AppendAsync(streams[1], "x");
        }

        foreach (var after in new[] { 0, 1, 499, 500, 999, 1_000, 1_024, 1_299, 1_300, 1_301, 2_599 })
        {
            var expected = Enumerable.Range(after + 1, length - after).Select(static at => $"{at}").ToArray();
            var read = await StreamAsync(streams[0], after);
            Assert.Equal(expected, read.Select(Reading.Text));
            Assert.Equal(expected, read.Select(static one => one.Version.ToString()));
        }

        Assert.Equal(
            Reading.OneTo(length + 2).Skip(1_500),
            Reading.Positions(await LogAsync(Events.PartitionOf(streams[0]), after: 1_500)));
    }

    [Fact]
    public async Task The_largest_events_are_read_whole_however_many_there_are()
    {
        const int count = 10;
        var stream = Stream("large");
        for (var at = 1; at <= count; at++)
        {
            var payload = Enumerable.Repeat((byte)at, GranaryLimits.EventSizeMax).ToArray();
            NewEvent[] events = [new(NextId(), "order.changed", payload)];
            await CommitAsync(new Append(stream, ExpectedVersion.Any, new(NextId()), events));
        }

        foreach (var read in new[] { await StreamAsync(stream), await LogOfAsync(stream) })
        {
            Assert.Equal(Reading.OneTo(count), read.Select(static one => (long)one.Payload.Span[^1]));
            Assert.All(read, static one => Assert.Equal(GranaryLimits.EventSizeMax, one.Payload.Length));
        }
    }

    [Fact]
    public async Task A_reader_may_stop_at_any_event()
    {
        var stream = Stream("stop");
        var texts = Enumerable.Range(1, 20).Select(static at => $"{at}").ToArray();
        await AppendAsync(stream, texts);
        for (var stop = 1; stop <= texts.Length; stop++)
        {
            var seen = 0;
            await foreach (var recorded in Events.ReadStreamAsync(stream, StreamVersion.Zero, Token))
                if (recorded.Version.Value == stop && ++seen > 0) break;
            await foreach (var recorded in Events.ReadLogAsync(At(stream, 0), Token))
                if (recorded.Position.Position.Value == stop && ++seen > 0) break;
            Assert.Equal(2, seen);
        }

        Assert.Equal(21, (await AppendAsync(stream, "21")).Version.Value);
    }

    [Fact]
    public async Task A_reader_that_dawdles_hinders_no_writer_and_no_reader()
    {
        var stream = Stream("dawdle");
        await AppendAsync(stream, "1", "2", "3");
        await using var slow = Events.ReadStreamAsync(stream, StreamVersion.Zero, Token).GetAsyncEnumerator(Token);
        await using var slowLog = Events.ReadLogAsync(At(stream, 0), Token).GetAsyncEnumerator(Token);
        Assert.True(await slow.MoveNextAsync() && await slowLog.MoveNextAsync());

        Assert.Equal(4, (await AppendAsync(stream, "4")).Version.Value);
        Assert.Equal("1 2 3 4", await TextsAsync(stream));
        for (var version = 2; version <= 3; version++)
        {
            Assert.True(await slow.MoveNextAsync() && await slowLog.MoveNextAsync());
            Assert.Equal($"{version} {version}", Reading.Texts([slow.Current, slowLog.Current]));
        }
    }

    [Fact]
    public async Task What_was_read_stays_as_it_was()
    {
        var stream = Stream("kept");
        await AppendAsync(stream, "a", "b");
        var read = await StreamAsync(stream);
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "c", "d");

        Assert.Equal("a b", Reading.Texts(read));
        Assert.All(read, static one => Assert.False(one.IsTombstone));
    }
}
