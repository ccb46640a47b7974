using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

public sealed class SqliteEventStoreTests
{
    [Theory, InlineData(1), InlineData(50_000)]
    public async Task A_store_opened_again_has_everything(int flush)
    {
        await using var folder = new SqliteFolder();
        var first = await folder.OpenAsync(flush: flush);
        for (var at = 0; at < 10; at++) await CommitAsync(first, Of($"s{at % 3}", ExpectedVersion.Any, events: 2));
        await first.DisposeAsync();

        var again = await folder.OpenAsync(flush: flush);

        Assert.Equal(
            Enumerable.Range(1, 20), (await ReadLogAsync(again)).Select(one => (int)one.Position.Position.Value));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], (await ReadAsync(again, "s0")).Select(one => (int)one.Version.Value));
        Assert.Equal([8], (await ReadAsync(again, "s0", after: 7)).Select(one => (int)one.Version.Value));
        Assert.Empty(await ReadAsync(again, "s0", after: long.MaxValue));
    }

    [Fact]
    public async Task What_was_never_indexed_is_caught_up_from_the_log()
    {
        await using var folder = new SqliteFolder();
        var crashed = await folder.OpenAsync();
        await CommitAsync(crashed, Of("a", ExpectedVersion.NoStream, events: 5));
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM heads"));

        var next = await folder.OpenAsync();

        var stale = await CommitAsync(next, Of("a", ExpectedVersion.NoStream));
        Assert.Equal((AppendOutcome.Conflict, 5), (stale.Outcome, stale.Version.Value));
        Assert.Equal(6, (await CommitAsync(next, Of("a", ExpectedVersion.Exactly(new(5))))).Version.Value);
        Assert.Equal(6, (await ReadAsync(crashed, "a")).Count);
    }

    [Fact]
    public async Task A_page_of_the_log_looks_at_few_large_events_also_where_the_filter_takes_none_of_them()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var large = $"\"{new string('x', 1_000_000)}\"";
        for (var at = 0; at < 12; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any, data: large));

        var filter = new LogFilter { Categories = new HashSet<string> { "none" } };
        List<long> pages = [0];
        while (pages[^1] < 12)
        {
            var page = await store.ReadLogAsync(new(default, new(pages[^1])), filter, 1_000, Token);
            Assert.Empty(page.Events);
            Assert.InRange(page.Through.Value, pages[^1] + 1, pages[^1] + 5);
            pages.Add(page.Through.Value);
        }
    }

    [Theory, InlineData(7), InlineData(50_000)]
    public async Task Two_stores_racing_on_one_file_lose_and_double_nothing(int flush)
    {
        await using var folder = new SqliteFolder();
        var stores = new[] { await folder.OpenAsync(flush: flush), await folder.OpenAsync(flush: flush) };

        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            var version = 0L;
            for (var landed = 0; landed < 100;)
            {
                var result = await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(version))));
                if (result.Outcome == AppendOutcome.Appended) landed++;
                version = result.Version.Value;
                Assert.True((await store.ReadHeadAsync(new("test", "a"), Token)).Version.Value >= version);
            }
        }, Token)));

        foreach (var store in stores)
        {
            Assert.Equal(Enumerable.Range(1, 200), (await ReadAsync(store, "a")).Select(one => (int)one.Version.Value));
            Assert.Equal(200, (await ReadLogAsync(store)).Select(one => one.Id).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_reader_beside_a_writer_never_reports_the_newest_event_as_missing()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: 10);
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < 300; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any));
        }, Token);

        var seen = 0L;
        while (seen < 300)
        {
            var head = (await store.ReadHeadAsync(new("test", "a"), Token)).Version.Value;
            Assert.True(head >= seen);
            Assert.True((await ReadAsync(store, "a", after: head)).All(one => one.Version.Value > head));
            seen = head;
        }

        await writing;
    }

    [Theory, InlineData(1), InlineData(50_000)]
    public async Task Clearing_and_starting_again_holds_inside_one_batch_and_after_opening_again(int flush)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: flush);
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        var batch = new AppendBatch(
            default, Noon,
            [Clear("a"), Of("a", ExpectedVersion.NoStream, events: 2), Clear("a"), Of("a", ExpectedVersion.NoStream)]);

        await store.CommitAsync(batch, Token);
        await store.DisposeAsync();
        var again = await folder.OpenAsync(flush: flush);

        Assert.All(batch.Results, result => Assert.Equal(AppendOutcome.Appended, result.Outcome));
        var left = Assert.Single(await ReadAsync(again, "a"));
        Assert.Equal((1, 8), (left.Version.Value, left.Position.Position.Value));
        var log = await ReadLogAsync(again);
        Assert.Equal(
            [EventTypes.Tombstone, EventTypes.Tombstone, EventTypes.Tombstone, EventTypes.StreamCleared,
                EventTypes.Tombstone, EventTypes.Tombstone, EventTypes.StreamCleared, "happened"],
            log.Select(one => one.Type));
        Assert.All(log.SkipLast(1), one => Assert.True(one.Payload.IsEmpty));
    }

    [Theory, InlineData(1), InlineData(100), InlineData(50_000)]
    public async Task A_long_stream_is_read_from_any_version_in_its_second_generation_too(int flush)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: flush);
        for (var generation = 1; generation <= 2; generation++)
        {
            for (var at = 0; at < 100; at++)
            {
                await CommitAsync(store, Of("a", ExpectedVersion.Any, events: 2));
                await CommitAsync(store, Of($"other-{at % 7}", ExpectedVersion.Any));
            }

            await store.Maintenance.RunDueMaintenanceAsync();
            var again = await folder.OpenAsync(flush: flush);
            foreach (var reader in new[] { store, again })
            foreach (var after in new[] { 0, 1, 63, 64, 65, 128, 129, 193, 199, 200 })
            {
                var versions = (await ReadAsync(reader, "a", after)).Select(one => (int)one.Version.Value);
                Assert.Equal(Enumerable.Range(after + 1, 200 - after), versions);
            }

            if (generation == 2) break;
            await CommitAsync(store, Clear("a"));
            Assert.Empty(await ReadAsync(again, "a"));
        }
    }

    [Fact]
    public async Task A_conflict_and_the_clearing_of_nothing_leave_no_trace()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();

        await CommitAsync(store, Of("a", ExpectedVersion.StreamExists));
        await CommitAsync(store, Clear("b"));

        Assert.Equal(0L, folder.Sql("SELECT (SELECT count(*) FROM streams) + (SELECT count(*) FROM log_0)"));
    }

    [Fact]
    public async Task Names_and_types_with_NUL_come_back_whole()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        foreach (var key in new[] { "a", "a\0", "a\0b" })
        {
            await CommitAsync(store, new Append(
                new("test", key), ExpectedVersion.NoStream, new(Guid.CreateVersion7(Noon)),
                [new NewEvent(Guid.CreateVersion7(Noon), "type\0" + key, "1"u8.ToArray())]));
        }

        var log = await ReadLogAsync(store);
        Assert.Equal(["a", "a\0", "a\0b"], log.Select(one => one.Stream.Key));
        Assert.Equal(["type\0a", "type\0a\0", "type\0a\0b"], log.Select(one => one.Type));
    }

    [Fact]
    public async Task The_event_log_view_is_readable()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var append = Of("a", ExpectedVersion.Any, data: "{\"amount\":5}");
        await CommitAsync(store, append);

        Assert.Equal(
            $"0 1 test/a 1 happened 2026-01-01T12:00:00.000000Z {{\"amount\":5}} {append.Events[0].Id}",
            folder.Sql(
                "SELECT concat_ws(' ', partition, position, stream, version, type, timestamp, data, id) "
                + "FROM event_log"));
    }

    [Fact]
    public async Task Large_events_are_read_in_pages_and_all_arrive()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var data = "\"" + new string('x', 1_000_000) + "\"";
        for (var at = 0; at < 12; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any, data: data));

        var start = LogPosition.StartOf(default);
        Assert.Equal(12, await store.ReadStreamAsync(new("test", "a"), StreamVersion.Zero, Token).CountAsync(Token));
        Assert.Equal(12, await store.ReadLogAsync(start, Token).CountAsync(Token));
    }
}
