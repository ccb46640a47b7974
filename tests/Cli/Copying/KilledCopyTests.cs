namespace Granary.Tests.Cli;

/// <summary>A copy in a process of its own, killed again and again.</summary>
public sealed class KilledCopyTests
{
    private const int Kills = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    public async Task A_copy_that_is_killed_at_any_point_is_whole_in_the_end(int from, int to)
    {
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New("sqlite"), folder.New("sqlite"));
        await using (var store = await StoreFolder.OpenAsync(source, from))
        {
            // A history is written faster in memory.
            var memory = await Stores.InMemoryAsync(from);
            await new History(memory, 1, streams: 40).WriteAsync(30_000);
            var job = new CopyJob(memory, store, new(TimeProvider.System, from), TimeProvider.System);
            await new StoreCopy(job).RunAsync(Token);
            await new History(store, 1).SnapshotAsync(await LongestAsync(store), 2);
        }

        var total = await EventsAsync(source);
        await using (await StoreFolder.OpenAsync(target, to))
        {
        }

        string[] arguments = ["copy", "--from", source, "--to", target];
        var killed = 0;
        for (var round = 0; round < Kills; round++)
        {
            // Where it has come to is different each time; so is what it does then.
            var begin = await EventsAsync(target);
            await using var copy = ChildProcess.Start("Granary.Cli.dll", arguments, folder.Path);
            await using (var watched = await StoreFolder.OpenAsync(target))
                await GrownAsync(watched, begin, copy.End);
            if (!copy.HasExited) killed++;
            await copy.KillAsync();
        }

        Assert.True(killed > 0, "Every copy had ended before it was killed.");
        await using (var last = ChildProcess.Start("Granary.Cli.dll", arguments, folder.Path))
        {
            await last.ExitAsync(Token);
            Assert.True(last.ExitCode == 0, last.Output);
        }

        Assert.Equal(total, await EventsAsync(target));
        await using var there = await StoreFolder.OpenAsync(source);
        await using var here = await StoreFolder.OpenAsync(target);
        await Stores.AssertCopyAsync(there, here);
    }

    // The target has grown, or the copy has ended.
    private static async Task GrownAsync(OpenedStore store, long begin, Task ended)
    {
        while (!ended.IsCompleted)
        {
            var (sum, waits) = (0L, new List<Task> { ended });
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            for (var at = 0; at < store.Description.PartitionCount; at++)
            {
                var end = await store.EndOfAsync(at, Token);
                sum += end;
                waits.Add(store.Tail.WaitAsync(new(new(at), new(end)), stop.Token).AsTask());
            }

            if (sum == begin) await Task.WhenAny(waits);
            await stop.CancelAsync();
            if (sum > begin) return;
        }
    }

    private static async Task<long> EventsAsync(string address)
    {
        await using var store = await StoreFolder.OpenAsync(address);
        var sum = 0L;
        for (var at = 0; at < store.Description.PartitionCount; at++) sum += await store.EndOfAsync(at, Token);
        return sum;
    }

    private static async Task<StreamName> LongestAsync(OpenedStore store)
    {
        StreamHead? longest = null;
        await foreach (var name in store.NamesAsync(null, Token))
        {
            var head = await store.Events.ReadHeadAsync(name, Token);
            if (longest is null || head.Version > longest.Version) longest = head;
        }

        return longest!.Stream;
    }
}
