namespace Granary.Testing.Conformance.Stores;

/// <summary>Order, gaps and visibility, with writers and readers on two instances at the same time.</summary>
public abstract class OrderConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    private const int CommitsOfEach = 60;

    [Fact]
    public async Task Positions_and_versions_have_no_gaps_under_concurrent_writers()
    {
        var stores = new[] { Events, (await Data.OpenAsync()).Events };
        var partitions = Enumerable.Range(0, Data.Partitions).Select(static at => new LogPartition(at)).ToArray();
        await Task.WhenAll(
            from store in stores
            from partition in partitions
            select Task.Run(() => WriteAsync(store, partition), Token));

        foreach (var partition in partitions)
        {
            var log = await LogAsync(partition);
            Assert.Equal(Reading.OneTo(stores.Length * EventsOf(CommitsOfEach)), Reading.Positions(log));
            foreach (var stream in log.GroupBy(static one => one.Stream))
            {
                var read = await StreamAsync(stream.Key);
                Assert.Equal(Reading.OneTo(stream.Count()), Reading.Versions(read));
                Assert.Equal(Reading.Positions(stream), Reading.Positions(read));
            }
        }
    }

    [Fact]
    public async Task A_reader_of_the_log_never_reads_a_position_before_the_one_below_it()
    {
        var (partition, other) = (new LogPartition(Data.Partitions - 1), (await Data.OpenAsync()).Events);
        var writing = Task.WhenAll(
            Task.Run(() => WriteAsync(Events, partition), Token), Task.Run(() => WriteAsync(other, partition), Token));

        async Task ReadAsync(IEventStore store)
        {
            var (seen, over) = (0L, false);
            while (!over)
            {
                over = writing.IsCompleted;
                await foreach (var recorded in store.ReadLogAsync(new(partition, new(seen)), Token))
                {
                    Assert.Equal(new(partition, new(seen + 1)), recorded.Position);
                    seen++;
                }
            }

            Assert.Equal(2 * EventsOf(CommitsOfEach), seen);
        }

        await Task.WhenAll(
            writing, Task.Run(() => ReadAsync(Events), Token), Task.Run(() => ReadAsync(other), Token));
    }

    [Fact]
    public async Task A_reader_of_a_stream_reads_its_versions_in_order_and_all_up_to_its_head()
    {
        var (stream, other) = (Stream("read"), (await Data.OpenAsync()).Events);
        var writing = Task.Run(() => WriteAsync(Events, [stream]), Token);

        async Task ReadAsync(IEventStore store)
        {
            var (seen, over) = (0L, false);
            while (!over)
            {
                over = writing.IsCompleted;
                var head = (await store.ReadHeadAsync(stream, Token)).Version.Value;
                Assert.True(seen <= head, $"{seen} events had been read, and the head is {head} now.");
                await foreach (var recorded in store.ReadStreamAsync(stream, new(seen), Token))
                    Assert.Equal(++seen, recorded.Version.Value);
                Assert.True(head <= seen, $"The head was {head}, and only {seen} events are to be read.");
            }

            Assert.Equal(EventsOf(CommitsOfEach), seen);
        }

        await Task.WhenAll(
            writing, Task.Run(() => ReadAsync(Events), Token), Task.Run(() => ReadAsync(other), Token));
    }

    [Fact]
    public async Task A_reader_of_a_stream_that_is_cleared_meanwhile_reads_one_generation_and_never_a_mix()
    {
        var (stream, other) = (Stream("generations"), (await Data.OpenAsync()).Events);

        async Task LiveAsync()
        {
            for (var generation = 0; generation < CommitsOfEach; generation++)
            {
                var texts = Enumerable.Repeat($"{generation}", 1 + generation % 4).ToArray();
                await CommitAsync(Append(stream, ExpectedVersion.NoStream, texts));
                await AppendAsync(stream, texts);
                await CommitAsync(Clear(stream));
            }
        }

        var writing = Task.Run(LiveAsync, Token);
        async Task ReadAsync(IEventStore store)
        {
            for (var over = false; !over;)
            {
                over = writing.IsCompleted;
                var read = await Reading.AllAsync(store.ReadStreamAsync(stream, StreamVersion.Zero, Token));
                Assert.Equal(Reading.OneTo(read.Count), Reading.Versions(read));
                Assert.InRange(read.Select(Reading.Text).Distinct().Count(), 0, 1);
                Assert.All(read, static one => Assert.False(one.IsTombstone));
                if (over) Assert.Empty(read);
            }
        }

        await Task.WhenAll(
            writing, Task.Run(() => ReadAsync(Events), Token), Task.Run(() => ReadAsync(other), Token));
        var log = await LogOfAsync(stream);
        Assert.Equal(Reading.OneTo(log.Count), Reading.Positions(log));
        Assert.All(log, static one => Assert.True(one.IsTombstone));
    }

    [Fact]
    public async Task What_a_commit_has_acknowledged_is_read_by_every_instance_at_once()
    {
        var (stream, other) = (Stream("seen"), (await Data.OpenAsync()).Events);
        var stores = new[] { Events, other };
        for (var count = 1; count <= CommitsOfEach; count++)
        {
            var answer = await stores[count % 2].CommitAsync(
                Append(stream, ExpectedVersion.Exactly(new(count - 1)), $"{count}"), Noon, Token);
            Assert.Equal(AppendOutcome.Appended, answer.Outcome);
            foreach (var store in stores)
            {
                Assert.Equal(count, (await store.ReadHeadAsync(stream, Token)).Version.Value);
                var tail = store.ReadStreamAsync(stream, new(count - 1), Token);
                Assert.Equal($"{count}", Reading.Texts(await Reading.AllAsync(tail)));
                var log = store.ReadLogAsync(At(stream, count - 1), Token);
                Assert.Equal($"{count}", Reading.Texts(await Reading.AllAsync(log)));
            }
        }
    }

    [Fact]
    public async Task An_instance_may_be_used_by_many_at_once()
    {
        const int writers = 4;
        var stream = Stream("many");

        async Task WriteAndReadAsync(int writer)
        {
            for (var at = 0; at < CommitsOfEach; at++)
            {
                var version = (await AppendAsync(stream, $"{writer}-{at}")).Version.Value;
                Assert.InRange((await HeadAsync(stream)).Version.Value, version, writers * CommitsOfEach);
                Assert.Equal($"{writer}-{at}", Reading.Text((await StreamAsync(stream, version - 1))[0]));
            }
        }

        await Task.WhenAll(
            Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAndReadAsync(writer), Token)));
        var read = await StreamAsync(stream);
        Assert.Equal(Reading.OneTo(writers * CommitsOfEach), Reading.Versions(read));
        Assert.Equal(Reading.Texts(read), Reading.Texts(await LogOfAsync(stream)));
    }

    [Fact]
    public async Task A_partition_has_positions_of_its_own_and_the_streams_that_belong_to_it()
    {
        Assert.Equal(Data.Partitions, Events.PartitionCount);
        var streams = Enumerable.Range(0, 30).Select(static at => Stream($"{at}")).ToArray();
        foreach (var stream in streams)
        {
            var answer = await AppendAsync(stream, "a", "b");
            Assert.Equal(LogPartition.Of(stream, Data.Partitions), answer.Position.Partition);
            Assert.Equal(answer.Position, (await HeadAsync(stream)).Position);
        }

        for (var at = 0; at < Data.Partitions; at++)
        {
            var partition = new LogPartition(at);
            var log = await LogAsync(partition);
            Assert.Equal(Reading.OneTo(log.Count), Reading.Positions(log));
            Assert.All(log, one => Assert.Equal(partition, one.Position.Partition));
            Assert.Equal(
                streams.Where(stream => LogPartition.Of(stream, Data.Partitions) == partition),
                log.Select(static one => one.Stream).Distinct());
        }
    }

    [Fact]
    public async Task Recorded_time_never_goes_back_within_a_partition()
    {
        var streams = Together(2);
        var early = Noon.AddHours(-1);
        await CommitAsync(Append(streams[0], ExpectedVersion.Any, "a"), Noon);

        // Another process with an earlier clock, another stream, a clearing, and an earlier clock after a restart.
        Use(await Data.OpenAsync());
        var answer = await CommitAsync(Append(streams[1], ExpectedVersion.Any, "b"), early);
        Assert.Equal(Noon, answer.Timestamp);
        Assert.Equal(Noon, (await CommitAsync(Clear(streams[0]), early)).Timestamp);
        Use(await Data.ReopenAsync());
        await CommitAsync(Append(streams[0], ExpectedVersion.Any, "c"), early);
        Assert.Equal(Noon, (await HeadAsync(streams[0])).Updated);
        await CommitAsync(Append(streams[0], ExpectedVersion.Any, "d"), Noon.AddHours(1));
        await CommitAsync(Append(streams[0], ExpectedVersion.Any, "e"), Noon);

        Assert.Equal(
            [Noon, Noon, Noon, Noon, Noon.AddHours(1), Noon.AddHours(1)],
            (await LogOfAsync(streams[0])).Select(static one => one.Timestamp));
    }

    [Fact]
    public async Task An_append_that_is_copied_keeps_its_time_as_long_as_time_does_not_go_back()
    {
        var streams = Together(2);
        var early = Noon.AddDays(-1);
        var answers = await CommitAllAsync(
            Copied(streams[0], early.AddTicks(19), "a", "b"),
            Copied(streams[1], early.AddHours(1).ToOffset(TimeSpan.FromHours(5)), "c"),
            Copied(streams[0], early, "d"),
            Append(streams[1], ExpectedVersion.Any, "e"),
            Copied(streams[1], early.AddHours(2), "f"),
            Copied(streams[1], Noon.AddYears(900), "g"));
        DateTimeOffset[] expected =
        [
            early.AddMicroseconds(1), early.AddMicroseconds(1), early.AddHours(1), early.AddHours(1), Noon, Noon, Noon,
        ];

        Assert.Equal(expected[1..], answers.Select(static one => one.Timestamp));
        Assert.Equal(expected, (await LogOfAsync(streams[0])).Select(static one => one.Timestamp));
        Use(await Data.OpenAsync());
        var later = await CommitAsync(Copied(streams[0], early, "h"), early);
        Assert.Equal((AppendOutcome.Appended, Noon), (later.Outcome, later.Timestamp));
        Assert.Equal(early.AddMicroseconds(1), (await HeadAsync(streams[0])).Created);
    }

    [Fact]
    public async Task What_is_refused_leaves_no_gap()
    {
        var stream = Stream("gap");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        for (var round = 1; round <= 5; round++)
        {
            await CommitAsync(Append(stream, ExpectedVersion.Exactly(new(99)), "conflict", "conflict"));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
                await Events.CommitAsync(Append(stream, ExpectedVersion.Any, "cancelled"), Noon, cancelled.Token));
            Assert.Equal(At(stream, round), (await AppendAsync(stream, $"{round}")).Position);
        }

        Assert.Equal("1 2 3 4 5", Reading.Texts(await LogOfAsync(stream)));
    }

    private Append Copied(StreamName stream, DateTimeOffset recordedAt, params string[] texts) =>
        new(stream, ExpectedVersion.Any, new(NextId()), texts.Select(Event).ToArray()) { RecordedAt = recordedAt };

    private Task WriteAsync(IEventStore store, LogPartition partition) => WriteAsync(store, StreamsIn(partition, 3));

    // Batches of one, two and three events, the streams in turn.
    private async Task WriteAsync(IEventStore store, StreamName[] streams)
    {
        for (var commit = 0; commit < CommitsOfEach; commit++)
        {
            var texts = Enumerable.Repeat("x", 1 + commit % 3).ToArray();
            var answer = await store.CommitAsync(
                Append(streams[commit % streams.Length], ExpectedVersion.Any, texts), Noon, Token);
            Assert.Equal(AppendOutcome.Appended, answer.Outcome);
        }
    }

    private static int EventsOf(int commits) => Enumerable.Range(0, commits).Sum(static commit => 1 + commit % 3);
}
