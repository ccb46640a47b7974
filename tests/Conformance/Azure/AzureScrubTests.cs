using System.Text;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A scrub ends, whatever a commit holds and wherever its process ends.</summary>
public sealed class AzureScrubTests : AzureTest
{
    private const string Secret = "a secret";

    [Fact]
    public async Task A_commit_of_many_large_appends_is_scrubbed_though_its_row_could_not_hold_what_is_left()
    {
        var store = await OpenAsync();
        var streams = StreamsIn(store, new(0), 5);
        var appends = streams.Select(one => Append(
            one, ExpectedVersion.NoStream, Secret + new string('x', 300_000), new string('y', 250_000))).ToArray();
        var batch = new AppendBatch(new(0), Noon, appends);
        await store.CommitAsync(batch, Token);
        foreach (var (stream, result) in streams.Zip(batch.Results))
            Assert.True(await store.TruncateAsync(new(stream, new(2), result.Position, null), Token));

        while (await store.ScrubAsync(100, Token))
        {
            // It has more.
        }

        Assert.False(await HasSecretAsync(store));
        Assert.Equal(5, (await LogAsync(store, new(0))).Count(static one => one.StartsWith('y')));
    }

    [Fact]
    public async Task A_process_that_ends_at_any_request_of_a_scrub_leaves_nothing_that_the_next_one_does_not_find()
    {
        var other = await OpenAsync();
        var streams = StreamsIn(other, new(0), 60);
        var isWhole = false;
        for (var last = 0; !isWhole; last++)
        {
            var stream = streams[last];
            await CommitAsync(other, Append(
                stream, ExpectedVersion.Any, Secret + new string('x', 300_000), Secret + new string('y', 300_000)));
            var answer = await CommitAsync(other, Append(stream, ExpectedVersion.Any, "b"));
            await new AzureSnapshotStore(other).WriteSnapshotAsync(Snapshot(stream, answer.Position), Token);
            await other.CommitAsync(Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())), Noon, Token);

            var requests = new Requests();
            var store = await OpenAsync(requests, retryBudgetMs: 1);
            requests.Restart();
            requests.Last = last;
            try
            {
                while (await store.ScrubAsync(1, Token))
                {
                    // It has more.
                }

                isWhole = requests.All <= last;
            }
            catch (StoreUnavailableException)
            {
                // The process has ended.
            }

            while (await other.ScrubAsync(1, Token))
            {
                // It has more.
            }

            Assert.False(await HasSecretAsync(other), $"The process ended with request {last}.");
        }
    }

    [Fact]
    public async Task A_container_that_belongs_to_another_store_is_refused()
    {
        var store = await OpenAsync();
        await store.Account.Table.DeleteAsync(Token);

        var fault = await Assert.ThrowsAsync<StoreSchemaException>(() => OpenAsync());

        Assert.Contains("another store", fault.Message, StringComparison.Ordinal);
    }

    private static Snapshot Snapshot(StreamName stream, LogPosition position) => new()
    {
        Stream = stream,
        Version = new(3),
        Position = position,
        Timestamp = Noon,
        Fingerprint = "shape/fold",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(Secret),
    };

    private static async Task<bool> HasSecretAsync(AzureEventStore store)
    {
        await foreach (var row in store.Account.Table.QueryAsync<global::Azure.Data.Tables.TableEntity>(
            cancellationToken: Token))
        {
            if (row.Any(static one => one.Value is byte[] bytes && Holds(bytes))) return true;
        }

        foreach (var blob in (await store.Blobs.ListAsync("", null, 1_000, Token))!.Values)
        {
            if (Holds((await store.Blobs.FindAsync(blob.Name, Token))!)) return true;
        }

        return false;
    }

    private static bool Holds(byte[] bytes) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0;
}
