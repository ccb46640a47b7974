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

    // The second process ends after so many transactions, or not at all.
    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 99)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    [InlineData(5, 3)]
    public async Task Two_processes_that_scrub_at_once_leave_nothing(int eventsMax, int endsAfter)
    {
        var (store, met) = (await OpenAsync(), true);
        var streams = StreamsIn(store, new(0), 60);
        for (var meeting = 1; met; meeting++)
        {
            var stream = streams[meeting];
            await CommitAsync(store, Append(stream, ExpectedVersion.Any, "b"));
            var answer = await CommitAsync(store, Append(
                stream, ExpectedVersion.Any, Secret + new string('x', 300_000), Secret + new string('y', 300_000)));
            await new AzureSnapshotStore(store).WriteSnapshotAsync(Snapshot(stream, answer.Position), Token);
            await store.CommitAsync(Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())), Noon, Token);
            var requests = new Requests();
            var first = await OpenAsync(requests);
            requests.Restart();
            met = false;
            requests.Before = async (_, number) =>
            {
                if (number != meeting) return;
                met = true;
                await ScrubAsync(eventsMax, endsAfter);
            };

            while (await first.ScrubAsync(eventsMax, Token))
            {
                // It has more.
            }

            Assert.False(await HasSecretAsync(store), $"They met at request {meeting}.");
        }
    }

    [Fact]
    public async Task A_scrub_fails_as_long_as_a_blob_of_what_was_removed_cannot_be_deleted()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests, retryBudgetMs: 1);
        var stream = StreamsIn(store, new(0), 1)[0];
        var large = Secret + new string('x', 300_000);
        var answer = await CommitAsync(store, Append(stream, ExpectedVersion.Any, large, "b", "c"));
        await new AzureSnapshotStore(store).WriteSnapshotAsync(Snapshot(stream, answer.Position), Token);
        await store.CommitAsync(Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())), Noon, Token);
        foreach (var folder in (string[])["/events/", "/snapshots/"])
        {
            requests.Before = (request, _) => request.Method == HttpMethod.Delete
                && request.RequestUri!.AbsolutePath.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)
                    .Contains(folder, StringComparison.Ordinal)
                ? throw new HttpRequestException("It cannot be deleted.") : Task.CompletedTask;
            await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
            {
                while (await store.ScrubAsync(100, Token))
                {
                    // It has more.
                }
            });
        }

        requests.Before = null;
        while (await store.ScrubAsync(100, Token))
        {
            // It has more.
        }

        Assert.False(await HasSecretAsync(store));
    }

    [Fact]
    public async Task A_truncation_of_a_stream_that_is_cleared_and_scrubbed_meanwhile_leaves_no_snapshot()
    {
        var requests = new Requests();
        var (store, other) = (await OpenAsync(requests), await OpenAsync());
        var stream = StreamsIn(store, new(0), 1)[0];
        var answer = await CommitAsync(store, Append(stream, ExpectedVersion.Any, Secret, Secret, Secret));
        requests.Before = async (request, _) =>
        {
            if (!request.RequestUri!.AbsolutePath.Contains("snapshots", StringComparison.Ordinal)) return;
            requests.Before = null;
            await other.CommitAsync(Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())), Noon, Token);
            await ScrubAsync(100, endsAfter: 99);
        };

        Assert.False(await store.TruncateAsync(
            new(stream, new(3), answer.Position, Snapshot(stream, answer.Position)), Token));

        Assert.False(await HasSecretAsync(other));
    }

    /// <summary>Scrubs all in another process, which ends after so many transactions.</summary>
    private async Task ScrubAsync(int eventsMax, int endsAfter)
    {
        var requests = new Requests();
        var store = await OpenAsync(requests, retryBudgetMs: 1);
        requests.Restart();
        requests.Before = (_, number) =>
        {
            if (requests.Transactions >= endsAfter) requests.Last ??= number - 1;
            return Task.CompletedTask;
        };
        try
        {
            while (await store.ScrubAsync(eventsMax, Token))
            {
                // It has more.
            }
        }
        catch (StoreUnavailableException)
        {
            // The process has ended.
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
