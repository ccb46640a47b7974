using Azure;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>The sweep of blobs gets round, and a look for what is to be scrubbed takes one round trip.</summary>
public sealed class AzureSweepTests : AzureTest
{
    private static readonly TimeSpan AnyAge = -TimeSpan.FromHours(1);

    // Each process looks at one page.
    [Fact]
    public async Task A_sweep_gets_to_the_end_however_often_its_process_restarts()
    {
        var store = await OpenAsync();
        var orphan = await WriteBlobsAsync(store);

        for (var at = 0; at < 2; at++)
        {
            Assert.NotNull(await store.Blobs.FindAsync(orphan, Token));
            await (await OpenAsync()).Sweep.SweepAsync(AnyAge, Token);
        }

        Assert.Null(await store.Blobs.FindAsync(orphan, Token));

        // It begins again.
        await store.Blobs.WriteAsync(orphan, Bytes, Token);
        for (var at = 0; at < 2; at++) await (await OpenAsync()).Sweep.SweepAsync(AnyAge, Token);
        Assert.Null(await store.Blobs.FindAsync(orphan, Token));
    }

    [Fact]
    public async Task A_sweep_begins_again_where_the_service_does_not_know_its_place_any_more()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        await WriteBlobsAsync(store);
        await store.Sweep.SweepAsync(AnyAge, Token);
        var early = new BlobName(new(0), new string('0', 64), 0, 1, 1).With(NextId());
        await store.Blobs.WriteAsync(early, Bytes, Token);
        requests.Before = static (request, _) => request.RequestUri!.Query.Contains("marker=", StringComparison.Ordinal)
            ? throw new RequestFailedException(400, "The marker is not valid.")
            : Task.CompletedTask;

        await store.Sweep.SweepAsync(AnyAge, Token);

        Assert.Null(await store.Blobs.FindAsync(early, Token));
    }

    [Fact]
    public async Task The_tails_of_all_partitions_are_read_at_once_for_a_scrub()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        StreamName[] streams = [StreamsIn(store, new(1), 1)[0], StreamsIn(store, new(2), 1)[0]];
        foreach (var stream in streams)
        {
            await CommitAsync(store, Append(stream, ExpectedVersion.Any, "a"));
            await CommitAsync(store, Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())));
        }

        var (arrived, all) = (0, new TaskCompletionSource());
        requests.Before = (request, _) =>
        {
            if (!request.RequestUri!.AbsolutePath.Contains("RowKey='t'", StringComparison.Ordinal))
                return Task.CompletedTask;
            if (Interlocked.Increment(ref arrived) == store.PartitionCount) all.SetResult();
            return all.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        };

        while (await store.ScrubAsync(1, Token))
        {
            // It has more.
        }

        Assert.InRange(arrived, store.PartitionCount, int.MaxValue);
        foreach (var stream in streams)
            Assert.Equal(0, (await store.Account.ReadTailAsync(store.PartitionOf(stream), Token)).Removals);
    }

    private static byte[] Bytes { get; } = [1];

    // Others' blobs fill a page, and one that nothing points to is after them.
    private static async Task<string> WriteBlobsAsync(AzureEventStore store)
    {
        await AzureAccount.ForEachAsync(
            [.. Enumerable.Range(0, 110)],
            async (at, token) => await store.Blobs.WriteAsync($"events/a{at:d3}", Bytes, token), Token);
        var orphan = store.Blobs.NewSnapshotName(new(0), new string('0', 64), 1);
        await store.Blobs.WriteAsync(orphan, Bytes, Token);
        return orphan;
    }
}
