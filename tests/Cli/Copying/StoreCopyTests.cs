namespace Granary.Tests.Cli;

public sealed class StoreCopyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    [InlineData(3, 2)]
    public async Task A_copy_has_the_events_as_they_were(int from, int to)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
            await new History(source, seed).WriteAsync(150);

            await CopyAsync(source, target);

            await Stores.AssertCopyAsync(source, target);
        }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    public async Task A_copy_is_continued_when_the_source_has_grown(int from, int to)
    {
        var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
        var history = new History(source, 7);
        for (var round = 0; round < 5; round++)
        {
            await history.WriteAsync(60);
            await CopyAsync(source, target);
            await Stores.AssertCopyAsync(source, target);
        }
    }

    [Fact]
    public async Task From_one_partition_to_four_and_back_to_one_the_streams_stay()
    {
        var (source, wide, back) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(4),
            await Stores.InMemoryAsync(1));
        await new History(source, 3).WriteAsync(300);

        await CopyAsync(source, wide);
        await CopyAsync(wide, back);

        await Stores.AssertCopyAsync(wide, back);
        foreach (var stream in await StreamsAsync(source))
        {
            Assert.Equal(
                (await source.Events.ReadStreamForwardAsync(stream, default, 1000, Token)).Events.Select(one => one.Id),
                (await back.Events.ReadStreamForwardAsync(stream, default, 1000, Token)).Events.Select(one => one.Id));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public async Task Snapshots_and_truncations_are_copied(int from, int to)
    {
        var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
        var history = new History(source, 5, streams: 2);
        await history.WriteAsync(40, clears: false);
        var (kept, truncated) = (new StreamName("orders", "0"), new StreamName("orders", "1"));
        await history.SnapshotAsync(kept, 2);
        await history.SnapshotAsync(kept, 4);
        foreach (var version in (long[])[3, 5, 6]) await history.SnapshotAsync(truncated, version);
        await history.TruncateAsync(truncated, 5);

        var copy = await CopyAsync(source, target);

        await Stores.AssertCopyAsync(source, target);
        Assert.Equal((3, 1), (copy.Beside.Snapshots, copy.Beside.Truncations));
        Assert.Equal([4], await VersionsAsync(target, kept));
        Assert.Equal([6, 5], await VersionsAsync(target, truncated));
        await Assert.ThrowsAsync<StreamTruncatedException>(
            async () => await target.Events.ReadStreamForwardAsync(truncated, default, 1, Token));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    public async Task A_target_that_holds_something_else_is_refused_and_left_as_it_is(int from, int to)
    {
        var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
        await new History(source, 1).WriteAsync(50);
        await new History(target, 2).WriteAsync(5);
        var before = await EndsAsync(target);

        var fault = await Assert.ThrowsAsync<CommandException>(() => CopyAsync(source, target));

        Assert.Contains("no copy", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Found, fault.ExitCode);
        Assert.Equal(before, await EndsAsync(target));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    public async Task A_copy_that_was_written_to_is_refused(int from, int to)
    {
        var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
        await new History(source, 1).WriteAsync(50);
        await CopyAsync(source, target);
        await new History(target, 2).WriteAsync(50);
        await new History(source, 3).WriteAsync(200);

        var fault = await Assert.ThrowsAsync<CommandException>(() => CopyAsync(source, target));

        Assert.Contains("no copy", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    public async Task A_copy_follows_until_it_is_stopped(int from, int to)
    {
        var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
        var history = new History(source, 1);
        await history.WriteAsync(50);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = Job(source, target);
        var following = new StoreCopy(job).FollowAsync(caughtUp.SetResult, stop.Token);
        await caughtUp.Task.WaitAsync(Token);
        await Stores.AssertLogsAsync(source, target);

        await history.WriteAsync(100);
        await WaitUntilEqualAsync(source, target);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        await Stores.AssertCopyAsync(source, target, sameTimes: from == to);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_copy_that_was_suspended_while_another_one_completed_appends_nothing_again(int partitions)
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(partitions));
        var history = new History(source, 1, streams: 1);
        await history.WriteAsync(1_300, clears: false);
        await history.ClearAsync(new("orders", "0"));
        var (read, resume) = (Signal(), Signal());
        var held = new BentStore(source);
        var reads = 0;
        held.LogRead = async () =>
        {
            // It has looked at the target, and what it writes first was read before the other copy began.
            if (++reads == 1) return;
            read.TrySetResult();
            await resume.Task.WaitAsync(Token);
        };
        var suspended = new StoreCopy(Job(held.Open(), target)).RunAsync(Token);
        await read.Task.WaitAsync(Token);
        await CopyAsync(source, target);

        resume.SetResult();
        try
        {
            await suspended;
        }
        catch (CommandException fault)
        {
            Assert.Contains("Another copy", fault.Message, StringComparison.Ordinal);
        }

        await CopyAsync(source, target);
        await Stores.AssertCopyAsync(source, target);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The target grows until it has as many events.
    private static async Task WaitUntilEqualAsync(OpenedStore source, OpenedStore target)
    {
        var wanted = (await EndsAsync(source)).Sum();
        for (var at = 0; at < target.Description.PartitionCount; at++)
        {
            for (var ends = await EndsAsync(target); ends.Sum() < wanted; ends = await EndsAsync(target))
            {
                var waits = ends.Select((end, partition) =>
                    target.Tail.WaitAsync(new(new(partition), new(end)), Token).AsTask());
                await Task.WhenAny(waits);
            }
        }
    }

    private static CopyJob Job(OpenedStore source, OpenedStore target) =>
        new(source, target, new(TimeProvider.System, source.Description.PartitionCount), TimeProvider.System);

    private static async Task<StoreCopy> CopyAsync(OpenedStore source, OpenedStore target)
    {
        var copy = new StoreCopy(Job(source, target));
        await copy.RunAsync(Token);
        return copy;
    }

    private static async Task<List<long>> EndsAsync(OpenedStore store)
    {
        var ends = new List<long>();
        for (var at = 0; at < store.Description.PartitionCount; at++) ends.Add(await store.EndOfAsync(at, Token));
        return ends;
    }

    private static async Task<List<StreamName>> StreamsAsync(OpenedStore store)
    {
        var names = new List<StreamName>();
        await foreach (var name in store.NamesAsync(null, Token)) names.Add(name);
        return names;
    }

    private static async Task<List<long>> VersionsAsync(OpenedStore store, StreamName stream)
    {
        var versions = new List<long>();
        var atMost = long.MaxValue;
        while (atMost > 0 && await store.Snapshots.ReadSnapshotAsync(stream, new(atMost), null, Token) is { } found)
        {
            versions.Add(found.Version.Value);
            atMost = found.Version.Value - 1;
        }

        return versions;
    }
}
