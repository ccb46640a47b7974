using System.Text;
using Azure.Data.Tables;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>What a page of the log reads, and what it finds wrong.</summary>
public sealed class AzureLogTests : AzureTest
{
    private const int Large = 300_000;

    [Fact]
    public async Task A_page_reads_only_the_blobs_that_it_takes_events_of()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var streams = StreamsIn(store, new(0), 6);
        await store.CommitAsync(
            new AppendBatch(new(0), Noon, [.. streams.Select(one => Append(
                one, ExpectedVersion.NoStream, "a", new string('x', Large)))]), Token);
        var read = 0;
        requests.Before = (request, _) =>
        {
            if (request.RequestUri!.AbsolutePath.Contains("/events/", StringComparison.Ordinal)) read++;
            return Task.CompletedTask;
        };
        for (var after = 0L; after < 2 * streams.Length; after++)
        {
            read = 0;
            var page = await store.ReadLogAsync(new(new(0), new(after)), LogFilter.All, 1, Token);
            Assert.Equal(streams[after / 2], Assert.Single(page.Events).Stream);
            Assert.Equal(1, read);
        }

        read = 0;
        Assert.Equal(12, (await LogAsync(store, new(0))).Length);
        Assert.Equal(6, read);
    }

    [Theory]
    [InlineData(2, 3, 0)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 3, 1)]
    [InlineData(1, 3, 1)]
    public async Task Commits_that_have_a_position_twice_are_reported(long first, long last, long after)
    {
        var store = await OpenAsync();
        var streams = StreamsIn(store, new(0), 3);
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, "a", "b"));
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "c", "d"));
        await PutCommitAsync(store, first, last, SegmentAt(streams[2], first, last - first + 1));

        var fault = await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, after));

        Assert.Matches("position [2-4] .* positions [1-4] to [3-4]", fault.Message);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(3, 1)]
    public async Task A_commit_that_has_other_positions_than_it_says_is_reported(long position, int count)
    {
        var store = await OpenAsync();
        var streams = StreamsIn(store, new(0), 2);
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, "a", "b"));
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "c", "d"));
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "e"));
        await PutCommitAsync(store, 3, 4, SegmentAt(streams[1], position, count));

        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, 0));
        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, 2));
    }

    [Fact]
    public async Task A_page_reads_the_removals_of_its_own_events_only()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var streams = StreamsIn(store, new(0), 2);
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, "a"));
        await ClearAsync(store, streams[0]);
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "b"));
        await ClearAsync(store, streams[1]);
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "c"));
        var queries = RecordQueries(requests);

        Assert.Equal(["", "", "c"], TextsOf(await store.ReadLogAsync(new(new(0), new(2)), LogFilter.All, 9, Token)));

        Assert.Contains(queries, static one => one.Contains("gt 'r0000000000000000003'", StringComparison.Ordinal));
        Assert.Single(queries, static one => one.Contains("gt 'r", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_removals_are_many_a_page_reads_the_heads_of_its_streams_instead()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var streams = StreamsIn(store, new(0), 3);
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, "a"));
        await CommitAsync(store, Append(streams[1], ExpectedVersion.Any, "b", "c", "d"));
        await CommitAsync(store, Append(streams[2], ExpectedVersion.Any, "e"));
        await ClearAsync(store, streams[0]);
        await CommitAsync(store, Append(streams[0], ExpectedVersion.Any, "f"));
        Assert.True(await store.TruncateAsync(new(streams[1], new(3), new(new(0), new(4)), null), Token));
        var many = await store.Account.ReadTailAsync(new(0), Token) with { Removals = 5_000 };
        await store.Account.Table.UpsertEntityAsync(many.ToEntity(), TableUpdateMode.Replace, Token);
        var queries = RecordQueries(requests);

        Assert.Equal(["", "", "", "d", "e", "", "f"], TextsOf(
            await store.ReadLogAsync(new(new(0), new(0)), LogFilter.All, 99, Token)));
        Assert.Equal(["", "d"], TextsOf(await store.ReadLogAsync(new(new(0), new(2)), LogFilter.All, 2, Token)));
        Assert.Equal(["d", "e", "f"], TextsOf(await store.ReadLogAsync(
            new(new(0), new(0)), new LogFilter { EventTypes = new HashSet<string> { "order.changed" } }, 99, Token)));

        Assert.DoesNotContain(queries, static one => one.Contains("gt 'r", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_that_is_replaced_each_time_that_it_is_read_is_found_in_the_end()
    {
        var (requests, moves) = (new Requests(), 0);
        var (other, store) = (await OpenAsync(), await OpenAsync(requests));
        var (stream, text) = (StreamsIn(store, new(0), 1)[0], new string('x', Large));
        await CommitAsync(other, Append(stream, ExpectedVersion.Any, text));
        requests.Before = (request, _) =>
            request.RequestUri!.AbsolutePath.Contains("/events/", StringComparison.Ordinal) && ++moves % 6 != 0
                ? MoveAsync(other, stream)
                : Task.CompletedTask;

        Assert.Equal([text], await LogAsync(store, new(0)));
        var read = await store.ReadStreamAsync(stream, StreamVersion.Zero, Token).ToListAsync(Token);

        Assert.Equal(text, Encoding.UTF8.GetString(Assert.Single(read).Payload.Span));
        Assert.Equal(12, moves);
    }

    // As each step of a scrub does.
    private static async Task MoveAsync(AzureEventStore store, StreamName stream)
    {
        var (partition, hash) = (new LogPartition(0), RowKeys.HashOf(stream));
        var key = RowKeys.PartitionOf(partition);
        var commit = CommitRow.Read((await store.Account.FindAsync(key, RowKeys.OfCommit(1), Token))!);
        var events = EventsRow.Read((await store.Account.FindAsync(key, RowKeys.OfEvents(hash, 0, 1), Token))!);
        var bytes = (await store.Blobs.FindAsync(events.Append.Blob!, Token))!;
        var name = store.Blobs.NewEventsName(partition, hash, 0, Segment.Read(bytes));
        var moved = new StoredSegment(null, name);
        await store.Blobs.WriteAsync(name, bytes, Token);
        TableEntity[] rows =
        [
            (commit with { Segments = [moved] }).ToEntity(partition),
            (events with { Append = events.Append with { Blob = name }, Segment = moved })
                .ToEntity(partition, hash, 0),
        ];
        foreach (var row in rows)
            await store.Account.Table.UpsertEntityAsync(row, TableUpdateMode.Replace, Token);
        await store.Blobs.DeleteAsync(events.Append.Blob!, Token);
    }

    private static async Task ReadAsync(AzureEventStore store, long after)
    {
        for (var end = false; !end;)
        {
            var page = await store.ReadLogAsync(new(new(0), new(after)), LogFilter.All, 99, Token);
            (after, end) = (page.Through.Value, page.Through == page.End);
        }
    }

    private Task<AppendResult> ClearAsync(AzureEventStore store, StreamName stream) =>
        CommitAsync(store, Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())));

    private static Segment SegmentAt(StreamName stream, long position, long count) => new(
        stream, 1, position, Noon.Ticks, Guid.Empty,
        [.. Enumerable.Range(0, (int)count).Select(static _ =>
            new StoredEvent(Guid.Empty, "order.changed", 1, ContentTypes.Json, "z"u8.ToArray(), default))]);

    private static Task PutCommitAsync(AzureEventStore store, long first, long last, Segment segment) =>
        store.Account.Table.UpsertEntityAsync(
            new CommitRow(first, last, Guid.Empty, [new StoredSegment(segment.ToBytes(), null)]).ToEntity(new(0)),
            TableUpdateMode.Replace, Token);

    private static List<string> RecordQueries(Requests requests)
    {
        var queries = new List<string>();
        requests.Before = (request, _) =>
        {
            lock (queries) queries.Add(Uri.UnescapeDataString(request.RequestUri!.Query.Replace('+', ' ')));
            return Task.CompletedTask;
        };
        return queries;
    }

    private static IEnumerable<string> TextsOf(LogPage page) =>
        page.Events.Select(static one => Encoding.UTF8.GetString(one.Payload.Span));
}
