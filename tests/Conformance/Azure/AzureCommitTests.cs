using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>What a commit costs, and how a batch is cut into transactions.</summary>
public sealed class AzureCommitTests : AzureTest
{
    [Fact]
    public async Task A_commit_of_the_only_process_that_writes_is_one_request()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var stream = new StreamName("order", "one");
        var first = await CommitAsync(store, Append(stream, ExpectedVersion.NoStream, "a"));
        var before = requests.All;

        await CommitAsync(
            store, Append(stream, ExpectedVersion.Exactly(first.Version, first.Position.Position), "b"));
        await CommitAsync(store, Append(stream, ExpectedVersion.Any, "c"));

        // Where it expects no version, it is looked for among the last events: this process has written all of them.
        Assert.Equal(2, requests.All - before);
    }

    [Fact]
    public async Task A_batch_of_more_streams_than_a_transaction_takes_is_several_of_them()
    {
        const int count = 120;
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var partition = new LogPartition(1);
        Append[] appends = [.. StreamsIn(store, partition, count)
            .Select(stream => Append(stream, ExpectedVersion.NoStream, stream.Key))];
        var batch = new AppendBatch(partition, Noon, appends);

        await store.CommitAsync(batch, Token);

        Assert.All(batch.Results, static one => Assert.Equal(AppendOutcome.Appended, one.Outcome));
        Assert.Equal(appends.Select(static one => one.Stream.Key), await LogAsync(store, partition));
        Assert.Equal(3, requests.Transactions);
    }

    [Fact]
    public async Task A_batch_that_is_larger_than_a_transaction_is_several_of_them()
    {
        const int count = 12;
        var store = await OpenAsync();
        var partition = new LogPartition(2);
        var text = new string('x', StoredSegment.InRowMax - 1_000);
        Append[] appends = [.. StreamsIn(store, partition, count)
            .Select(stream => Append(stream, ExpectedVersion.NoStream, text))];
        var batch = new AppendBatch(partition, Noon, appends);

        await store.CommitAsync(batch, Token);

        Assert.All(batch.Results, static one => Assert.Equal(AppendOutcome.Appended, one.Outcome));
        Assert.All(await LogAsync(store, partition), one => Assert.Equal(text, one));
        Assert.Equal(0, (await store.Blobs.ListAsync("events/", null, 10, Token))?.Values.Count ?? 0);
    }

    [Fact]
    public async Task Each_partition_has_an_epoch_and_a_batch_of_another_one_is_refused()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var append = Append(new("order", "epoch"), ExpectedVersion.Any, "a");
        var partition = one.PartitionOf(append.Stream);
        AppendBatch Batch(long epoch) => new(partition, Noon, [append]) { Epoch = epoch };
        Assert.Equal(1, await one.ReadEpochAsync(partition, Token));
        await one.CommitAsync(Batch(1), Token);

        // The first has the old one in memory.
        Assert.Equal(2, await other.BeginEpochAsync(partition, Token));
        append = Append(append.Stream, ExpectedVersion.Any, "b");
        var stale = await Assert.ThrowsAsync<StaleEpochException>(() => one.CommitAsync(Batch(1), Token).AsTask());
        Assert.Equal((partition, 1, 2), (stale.Partition, stale.Epoch, stale.Current));
        Assert.Equal(["a"], await LogAsync(one, partition));

        await one.CommitAsync(Batch(2), Token);
        Assert.Equal(["a", "b"], await LogAsync(other, partition));
    }
}
