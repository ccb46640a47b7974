using System.Text;
using Azure.Data.Tables;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>
/// What is removed is nowhere in the account when it is scrubbed, and blobs that nothing points to go.
/// </summary>
public sealed class AzureRemovalTests : AzureTest
{
    private const string Secret = "a secret";

    [Fact]
    public async Task Nothing_of_what_was_cleared_is_in_the_account_when_it_is_scrubbed()
    {
        var store = await OpenAsync();
        var streams = StreamsIn(store, new(0), 2);
        var large = Secret + new string('x', StoredSegment.InRowMax);
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, Secret, "b"));
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, "c", large, Secret));
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "kept", "kept " + new string('y', 300_000)));
        await new AzureSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(store, streams[0], 5), Token);
        await new AzureSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(store, streams[1], 2), Token);
        Assert.True(await HasAsync(store, Secret));

        await store.CommitAsync(
            Granary.Append.Clear(streams[0], ExpectedVersion.Any, new(NextId())), Noon, Token);
        while (await store.ScrubAsync(2, Token)) Assert.True(await HasAsync(store, "kept"));

        Assert.False(await HasAsync(store, Secret));
        Assert.True(await HasAsync(store, "kept"));
        Assert.Equal(["", "", "", "", "", "kept"], (await LogAsync(store, new(0))).Take(6));
        Assert.NotNull(await new AzureSnapshotStore(store).ReadSnapshotAsync(streams[1], new(9), null, Token));
    }

    // Each transaction lands, and gets no answer at first.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_append_is_scrubbed_event_by_event_whatever_answers_are_lost(bool lost)
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var stream = StreamsIn(store, new(0), 1)[0];
        string[] texts = [.. Enumerable.Range(0, 4).Select(static at => $"{at} {Secret}" + new string('x', 200_000))];
        await CommitAsync(store, Append(stream, ExpectedVersion.Any, texts));
        if (lost) requests.FateOf = static number => number % 2 == 0 ? Fate.AnswerLost : Fate.Sent;
        var snapshots = new AzureSnapshotStore(store);
        await snapshots.WriteSnapshotAsync(SnapshotOf(store, stream, 1), Token);
        var kept = SnapshotOf(store, stream, 3);

        Assert.True(await store.TruncateAsync(new(stream, new(3), kept.Position, kept), Token));
        for (var more = true; more;)
        {
            more = await store.ScrubAsync(1, Token);
            Assert.Equal(["", "", texts[2], texts[3]], await LogAsync(store, new(0)));
            Assert.Equal(texts[2..], await StreamAsync(store, stream, after: 2));
        }

        Assert.False(await HasAsync(store, $"0 {Secret}"));
        Assert.False(await HasAsync(store, $"1 {Secret}"));
        Assert.Equal(3, (await snapshots.ReadSnapshotAsync(stream, new(9), null, Token))?.Version.Value);
        await store.Sweep.SweepAsync(-TimeSpan.FromHours(1), Token);
        Assert.Equal(texts[2..], await StreamAsync(store, stream, after: 2));
        Assert.Equal(2, (await store.Blobs.ListAsync("", null, 100, Token))!.Values.Count);
        Assert.Equal(5, (await CommitAsync(store, Append(stream, ExpectedVersion.Exactly(new(4)), "e"))).Version.Value);
    }

    [Fact]
    public async Task Blobs_that_no_row_points_to_are_swept_and_no_others()
    {
        var store = await OpenAsync();
        var stream = new StreamName("order", "swept");
        var (partition, hash) = (store.PartitionOf(stream), RowKeys.HashOf(stream));
        var large = new string('x', StoredSegment.InRowMax + 1);
        var landed = await CommitAsync(store, Append(stream, ExpectedVersion.Any, large, "b"));
        await new AzureSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(store, stream, 2), Token);
        string[] orphans =
        [
            store.Blobs.NewEventsName(partition, hash, 0, new Segment(stream, 1, 1, 0, default, [])),
            store.Blobs.NewEventsName(partition, hash, 0, new Segment(stream, 3, 3, 0, default, [])),
            store.Blobs.NewSnapshotName(partition, hash, 2),
        ];
        foreach (var name in orphans.Append("others.txt")) await store.Blobs.WriteAsync(name, new byte[] { 1 }, Token);

        Assert.Equal(0, await store.Sweep.SweepAsync(BlobSweep.AgeMin, Token));
        Assert.Equal(orphans.Length, await store.Sweep.SweepAsync(-TimeSpan.FromHours(1), Token));

        foreach (var name in orphans) Assert.Null(await store.Blobs.FindAsync(name, Token));
        Assert.NotNull(await store.Blobs.FindAsync("others.txt", Token));
        Assert.Equal([large, "b"], await LogAsync(store, partition));
        Assert.NotNull(await new AzureSnapshotStore(store).ReadSnapshotAsync(stream, landed.Version, null, Token));
    }

    [Fact]
    public async Task An_append_whose_process_slept_until_its_blob_was_swept_is_there_when_it_is_confirmed()
    {
        var (requests, other) = (new Requests(), await OpenAsync());
        var store = await OpenAsync(requests);
        var stream = new StreamName("order", "slept");
        var large = new string('x', StoredSegment.InRowMax + 1);
        requests.Before = async (request, _) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/$batch", StringComparison.Ordinal)) return;
            requests.Before = null;
            Assert.Equal(1, await other.Sweep.SweepAsync(-TimeSpan.FromHours(1), Token));
        };

        var answer = await CommitAsync(store, Append(stream, ExpectedVersion.NoStream, large));

        Assert.Equal(AppendOutcome.Appended, answer.Outcome);
        Assert.Equal([large], await StreamAsync(other, stream, after: 0));
        Assert.Equal([large], await LogAsync(other, store.PartitionOf(stream)));
    }

    private static async Task<string[]> StreamAsync(AzureEventStore store, StreamName stream, long after)
    {
        var texts = new List<string>();
        await foreach (var one in store.ReadStreamAsync(stream, new(after), Token))
            texts.Add(Encoding.UTF8.GetString(one.Payload.Span));
        return [.. texts];
    }

    private static async Task<bool> HasAsync(AzureEventStore store, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await foreach (var row in store.Account.Table.QueryAsync<TableEntity>(cancellationToken: Token))
        {
            if (row.ReadData().AsSpan().IndexOf(bytes) >= 0) return true;
        }

        foreach (var blob in (await store.Blobs.ListAsync("", null, 1_000, Token))!.Values)
        {
            if ((await store.Blobs.FindAsync(blob.Name, Token)).AsSpan().IndexOf(bytes) >= 0) return true;
        }

        return false;
    }

    private static Snapshot SnapshotOf(AzureEventStore store, StreamName stream, long version) => new()
    {
        Stream = stream,
        Version = new(version),
        Position = new(store.PartitionOf(stream), new(version)),
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(version == 5 ? Secret : "state"),
    };
}
