using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A snapshot that is kept has its blob, and one whose blob is lost hides no earlier one.</summary>
public sealed class AzureSnapshotTests : AzureTest
{
    private static readonly StreamName Stream = new("order", "kept");

    [Fact]
    public async Task A_snapshot_whose_answer_is_lost_while_another_process_replaces_it_is_there_in_the_end()
    {
        var other = await OpenAsync();
        await CommitAsync(other, Append(Stream, ExpectedVersion.Any, "a", "b", "c"));
        var requests = new Requests();
        var store = await OpenAsync(requests);
        requests.FateOf = static number => number == 1 ? Fate.AnswerLost : Fate.Sent;
        requests.OnSent = async number =>
        {
            if (number == 1)
                await new AzureSnapshotStore(other).WriteSnapshotAsync(SnapshotOf(other, 2), Token);
        };

        await new AzureSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(store, 2), Token);

        Assert.Equal(2, (await ReadAsync(other))?.Version.Value);
        var blob = Assert.Single((await store.Blobs.ListAsync("", null, 100, Token))!.Values);
        Assert.NotNull(await store.Blobs.FindAsync(blob.Name, Token));
    }

    [Fact]
    public async Task Where_the_blob_of_the_newest_is_lost_the_one_before_it_is_read()
    {
        var store = await OpenAsync();
        await CommitAsync(store, Append(Stream, ExpectedVersion.Any, "a", "b", "c"));
        var snapshots = new AzureSnapshotStore(store);
        for (var version = 1; version <= 2; version++)
            await snapshots.WriteSnapshotAsync(SnapshotOf(store, version), Token);
        var newest = (await store.Blobs.ListAsync("", null, 100, Token))!.Values.MaxBy(
            static one => BlobName.Parse(one.Name)!.Number);
        await store.Blobs.DeleteAsync(newest!.Name, Token);

        Assert.Equal(1, (await ReadAsync(store))?.Version.Value);
    }

    private static async Task<Snapshot?> ReadAsync(AzureEventStore store) =>
        await new AzureSnapshotStore(store).ReadSnapshotAsync(Stream, new(9), null, Token);

    private static Snapshot SnapshotOf(AzureEventStore store, long version) => new()
    {
        Stream = Stream,
        Version = new(version),
        Position = new(store.PartitionOf(Stream), new(version)),
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = new byte[] { 1, 2, 3 },
    };
}
