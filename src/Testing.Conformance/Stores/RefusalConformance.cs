namespace Granary.Testing.Conformance.Stores;

/// <summary>What a store must not do.</summary>
public abstract class RefusalConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_stream_in_the_wrong_partition_is_refused_and_nothing_of_the_batch_lands()
    {
        var partition = new LogPartition(Data.Partitions - 1);
        var home = StreamsIn(partition, 2);
        List<AppendBatch> wrong = [new(new(Data.Partitions), Noon, [Append(home[0], ExpectedVersion.Any, "a")])];
        if (Data.Partitions > 1)
        {
            wrong.Add(new(partition, Noon,
            [
                Append(home[0], ExpectedVersion.Any, "a"),
                Append(StreamsIn(new(0), 1)[0], ExpectedVersion.Any, "stray"),
                Append(home[1], ExpectedVersion.Any, "b"),
            ]));
        }

        foreach (var batch in wrong)
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Events.CommitAsync(batch, Token));

        for (var at = 0; at < Data.Partitions; at++) Assert.Empty(await LogAsync(new(at)));
        Assert.Equal(At(home[0], 1), (await AppendAsync(home[0], "a")).Position);
    }

    [Fact]
    public async Task A_partition_that_does_not_exist_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LogAsync(new(Data.Partitions)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LogAsync(new(int.MaxValue)));
    }

    [Fact]
    public async Task Cancelled_before_it_begins_nothing_is_written()
    {
        var stream = Stream("cancelled");
        await AppendAsync(stream, "a");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var append = Append(stream, ExpectedVersion.Any, "never");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Events.CommitAsync(append, Noon, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Events.CommitAsync(Clear(stream), Noon, cancelled.Token));
        Assert.Equal("a", Reading.Texts(await LogOfAsync(stream)));
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(append)).Outcome);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_stops()
    {
        var stream = Stream("stopped");
        await AppendAsync(stream, "1", "2", "3");
        foreach (var log in new[] { false, true })
        {
            using var source = new CancellationTokenSource();
            var events = log
                ? Events.ReadLogAsync(At(stream, 0), source.Token)
                : Events.ReadStreamAsync(stream, StreamVersion.Zero, source.Token);
            var seen = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (var recorded in events)
                {
                    seen++;
                    await source.CancelAsync();
                }
            });
            Assert.Equal(1, seen);
        }
    }

    [Fact]
    public async Task Everything_that_is_cancelled_throws()
    {
        var stream = Stream("cancelled");
        await AppendAsync(stream, "a");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var snapshot = new Snapshot
        {
            Stream = stream,
            Version = new(1),
            Position = At(stream, 1),
            Timestamp = Noon,
            Fingerprint = "f",
            Checksum = 1,
            Payload = default,
        };
        Func<CancellationToken, Task>[] calls =
        [
            async token => await Events.ReadHeadAsync(stream, token),
            token => Reading.AllAsync(Events.ReadStreamAsync(stream, StreamVersion.Zero, token)),
            token => Reading.AllAsync(Events.ReadLogAsync(At(stream, 0), token)),
            async token => await Snapshots.ReadSnapshotAsync(stream, new(1), null, token),
            async token => await Snapshots.WriteSnapshotAsync(snapshot, token),
            async token => await Events.ScrubAsync(1, token),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call(cancelled.Token));
    }

    [Fact]
    public async Task The_largest_append_allowed_lands()
    {
        var stream = Stream("large");
        var metadata = EventMetadata.Of([new("text", new string('m', GranaryLimits.MetadataSizeMax - 11))]);
        Assert.Equal(GranaryLimits.MetadataSizeMax, metadata.Utf8.Length);
        var remaining = GranaryLimits.BatchSizeMax - 4 * metadata.Utf8.Length;
        var type = new string('t', GranaryLimits.EventTypeLengthMax);
        var events = Enumerable.Range(0, 4).Select(at =>
            new NewEvent(NextId(), type, Enumerable.Repeat((byte)at, remaining / 4).ToArray()) { Metadata = metadata });
        var append = new Append(stream, ExpectedVersion.NoStream, new(NextId()), events.ToArray());
        Assert.Equal(GranaryLimits.BatchSizeMax, append.Size);

        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(append)).Outcome);
        var read = await StreamAsync(stream);
        Assert.Equal([0, 1, 2, 3], read.Select(static one => one.Payload.Span[^1]));
        Assert.All(read, one => Assert.Equal((remaining / 4, metadata), (one.Payload.Length, one.Metadata)));
    }
}
