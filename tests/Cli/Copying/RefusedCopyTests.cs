namespace Granary.Tests.Cli;

/// <summary>Targets and sources that are not what an earlier copy has left.</summary>
public sealed class RefusedCopyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_written_where_any_partition_of_the_target_has_something_else()
    {
        var (source, target) = (await Stores.InMemoryAsync(2), await Stores.InMemoryAsync(2));
        await new History(source, 1).WriteAsync(50);
        await WriteAsync(target, partition: 1, new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var (bent, commits, reads) = (new BentStore(target), 0, 0);
        bent.Committing = _ =>
        {
            commits++;
            return default;
        };
        bent.LogRead = async () =>
        {
            // The third is in the partition that has something else: the other one has its time.
            if (++reads != 3) return;
            for (var turns = 0; commits == 0 && turns < 10_000; turns++) await Task.Yield();
        };

        await Assert.ThrowsAsync<CommandException>(() => CopyAsync(source, bent.Open()));

        Assert.Equal(0, commits);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public async Task Times_that_are_later_than_this_clock_are_copied_as_they_are(int from, int to)
    {
        var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
        for (var at = 0; at < from; at++)
            await WriteAsync(source, at, new(2_900, 1, 1, 0, 0, at, TimeSpan.Zero));

        await CopyAsync(source, target);

        await Stores.AssertCopyAsync(source, target);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_source_that_was_restored_from_an_older_backup_is_refused_in_the_middle_of_a_copy(int newer)
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(2));
        await WriteAsync(source, 0, DateTimeOffset.UnixEpoch, count: 5);
        await BreakOffAsync(source, target);
        var restored = await Stores.InMemoryAsync(1);
        await WriteAsync(restored, 0, DateTimeOffset.UnixEpoch, count: 4 + newer);
        var older = Open(restored, source.Description.StoreId);

        var fault = await Assert.ThrowsAsync<CommandException>(() => CopyAsync(older, target));

        Assert.Contains("no copy", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_is_stopped_while_a_round_is_tried_again_is_continued()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(2));
        var (bent, isDown) = (new BentStore(target), false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bent.Committing = batch =>
        {
            if (!isDown || batch.Partition.Value == 0) return default;
            stop.Cancel();
            throw new StoreUnavailableException("The target is away.");
        };
        var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var following = new StoreCopy(Job(source, bent.Open())).FollowAsync(caughtUp.SetResult, stop.Token);
        await caughtUp.Task.WaitAsync(Token);

        isDown = true;
        await WriteAsync(source, Of(2, 1), Of(2, 0));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);

        isDown = false;
        await CopyAsync(source, target);
        await Stores.AssertCopyAsync(source, target);
    }

    // A copy whose second round fails: its checkpoints stay.
    private static async Task BreakOffAsync(OpenedStore source, OpenedStore target)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var bent = new BentStore(target) { Committing = _ => { stop.Cancel(); return default; } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new StoreCopy(Job(source, bent.Open())).RunAsync(stop.Token));
        Assert.NotEmpty(await target.Checkpoints.ReadAllAsync(Token));
    }

    private static OpenedStore Open(OpenedStore store, Guid id) => new()
    {
        Name = "restored",
        Description = store.Description with { StoreId = id },
        Events = store.Events,
        Snapshots = store.Snapshots,
        Checkpoints = store.Checkpoints,
        Tail = store.Tail,
        Streams = store.Streams,
    };

    private static StreamName Of(int partitions, int partition) => Names(partitions, partition).First();

    private static IEnumerable<StreamName> Names(int partitions, int partition) => Enumerable.Range(0, 1_000)
        .Select(static at => new StreamName("orders", $"{at}"))
        .Where(name => LogPartition.Of(name, partitions).Value == partition);

    // Streams of one event each.
    private static async Task WriteAsync(OpenedStore store, int partition, DateTimeOffset time, int count = 1)
    {
        foreach (var name in Names(store.Description.PartitionCount, partition).Take(count))
            await store.Events.CommitAsync(NewAppend(name), time, Token);
    }

    private static async Task WriteAsync(OpenedStore store, params StreamName[] streams)
    {
        var batch = new AppendBatch(new(0), DateTimeOffset.UnixEpoch, [.. streams.Select(NewAppend)]);
        await store.Events.CommitAsync(batch, Token);
    }

    private static Append NewAppend(StreamName stream) => new(
        stream, ExpectedVersion.NoStream, AppendId.New(TimeProvider.System),
        [new NewEvent(TimeProvider.System, "placed", default)]);

    private static CopyJob Job(OpenedStore source, OpenedStore target) =>
        new(source, target, new(TimeProvider.System, source.Description.PartitionCount), TimeProvider.System);

    private static Task CopyAsync(OpenedStore source, OpenedStore target) =>
        new StoreCopy(Job(source, target)).RunAsync(Token);
}
