using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>A clearing is a short transaction however long its stream is, and so is each step that scrubs it.</summary>
public sealed class ScrubTests
{
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task A_clearing_writes_the_same_number_of_rows_for_any_stream()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: 100);
        await CommitAsync(store, Of("first", ExpectedVersion.Any));
        await CommitAsync(store, Of("short", ExpectedVersion.Any));
        await CommitAsync(store, Of("long", ExpectedVersion.Any, events: 3_000));
        await SettleAsync(store);
        await CommitAsync(store, Clear("first"));

        // The marker, that it is one, and what it has left.
        Assert.Equal(3, await RowsOfAsync(store, () => CommitAsync(store, Clear("short"))));
        Assert.Equal(3, await RowsOfAsync(store, () => CommitAsync(store, Clear("long"))));
        Assert.Equal(3_002L, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
    }

    [Fact]
    public async Task A_step_writes_no_more_rows_than_it_may_and_the_steps_end_with_nothing_left()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 300);
        await SettleAsync(store);
        await CommitAsync(store, Clear("a"));

        for (var left = 300; left > 0; left -= 100)
        {
            // Each event, each mark among them, the type of a tombstone, and what is left.
            var more = left > 100;
            var rows = await RowsOfAsync(store, async () => Assert.Equal(more, await store.ScrubAsync(100, Token)));
            Assert.InRange(rows, 100, 100 + 2 + 2);
            Assert.Equal((long)left - 100, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
        }

        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM removals WHERE stream < 0"));
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM marks"));
        Assert.Equal(0, await RowsOfAsync(store, async () => Assert.False(await store.ScrubAsync(100, Token))));
    }

    [Fact]
    public async Task A_step_over_large_events_ends_earlier()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var large = $"\"{new string('x', Mebibyte - 10)}\"";
        for (var at = 0; at < 10; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any, data: large));
        await CommitAsync(store, Clear("a"));

        var steps = 1;
        for (; await store.ScrubAsync(2_000, Token); steps++)
        {
        }

        Assert.Equal(2, steps);
    }

    [Fact]
    public async Task What_a_process_that_was_killed_between_two_steps_has_left_is_scrubbed_by_the_next()
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder, events: 300);
        await CommitAsync(store, Clear("a"));
        await CommitAsync(store, Of("a", ExpectedVersion.Any, events: 2));
        Assert.True(await store.ScrubAsync(120, Token));
        await SettleAsync(store);
        folder.CopyTo(killed);

        var next = await killed.OpenAsync();
        var log = await ReadLogAsync(next);
        Assert.Equal(300, log.Count(static one => one.Type == EventTypes.Tombstone && one.Payload.IsEmpty));
        Assert.True(await next.ScrubAsync(179, Token));
        Assert.False(await next.ScrubAsync(1, Token));

        Assert.Equal(log.Select(static one => one.Id), (await ReadLogAsync(next)).Select(static one => one.Id));
        Assert.Equal(2, (await ReadAsync(next, "a")).Count);
        Assert.Equal(2L, killed.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
    }

    [Fact]
    public async Task Other_writers_get_their_turn_between_two_steps()
    {
        await using var folder = new SqliteFolder();
        var (store, other) = (await FilledAsync(folder, events: 300), await folder.OpenAsync());
        await CommitAsync(store, Clear("a"));
        for (var version = 1; await store.ScrubAsync(50, Token); version++)
        {
            Assert.Equal(version, (await CommitAsync(other, Of("b", ExpectedVersion.Any))).Version.Value);
            Assert.Equal(version, (await CommitAsync(store, Of("c", ExpectedVersion.Any))).Version.Value);
        }

        Assert.Equal(5, (await ReadAsync(store, "b")).Count);
    }

    [Fact]
    public async Task A_look_that_finds_nothing_waits_for_no_writer_of_another_process()
    {
        await using var folder = new SqliteFolder();
        var options = folder.Options();
        options.BusyTimeoutMs = 0;
        var store = await folder.OpenAsync(new SqliteEventStore(options));
        await CommitAsync(store, Of("a", ExpectedVersion.Any));
        using (var other = folder.Connect())
        using (other.BeginTransaction(deferred: false))
            Assert.False(await store.ScrubAsync(1, Token));

        await CommitAsync(store, Clear("a"));
        using (var other = folder.Connect())
        using (other.BeginTransaction(deferred: false))
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ScrubAsync(1, Token));
        Assert.False(await store.ScrubAsync(1, Token));
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
    }

    // Another process has cleared between a look that found nothing and this one, and this one had heard of it before.
    [Fact]
    public async Task What_was_removed_is_truncated_also_where_its_clearing_was_known_before()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 2);
        await CommitAsync(store, Clear("a"));
        var known = store.Maintenance.Clearings;
        store.Maintenance.OnScrubbed(known, events: 0, bytes: 0, more: false);
        await SettleAsync(store);
        Assert.False(store.Maintenance.MustTruncate);

        store.Maintenance.OnScrubbed(known, events: 2, bytes: 20, more: false);

        Assert.True(store.Maintenance.MustTruncate);
    }

    [Fact]
    public async Task A_partition_is_scrubbed_of_its_own_streams()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(partitions: 3);
        var keys = Enumerable.Range(0, 12).Select(static at => $"{at}").ToArray();
        foreach (var key in keys) await CommitAsync(store, Of(key, ExpectedVersion.Any, events: 2));
        foreach (var key in keys) await CommitAsync(store, Clear(key));
        foreach (var key in keys) await CommitAsync(store, Of(key, ExpectedVersion.Any));

        for (var left = 24; left > 0; left -= 5) Assert.Equal(left > 5, await store.ScrubAsync(5, Token));

        foreach (var key in keys) Assert.Single(await ReadAsync(store, key));
        for (var at = 0; at < 3; at++)
        {
            var log = await ReadLogAsync(store, at);
            Assert.Equal(
                2 * log.Count(static one => one.Type == "happened"),
                log.Count(static one => one.Type == EventTypes.Tombstone));
        }
    }

    [Fact]
    public async Task For_people_too_what_is_cleared_is_a_tombstone_at_once()
    {
        const string shown = "SELECT group_concat(type || schema_version || data || metadata, ' ') FROM event_log";
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var secret = new NewEvent(Guid.CreateVersion7(Noon), "happened", "\"secret\""u8.ToArray())
        {
            SchemaVersion = 7, Metadata = EventMetadata.Of([new("actor", "ada")]),
        };
        await CommitAsync(
            store, new(new("test", "a"), ExpectedVersion.Any, new(Guid.CreateVersion7(Noon)), [secret, secret]));
        await CommitAsync(store, Clear("a"));
        await CommitAsync(store, Of("a", ExpectedVersion.Any));

        const string gone = "granary.tombstone1{}";
        var expected = $"{gone} {gone} granary.stream-cleared1{{}} happened1{{\"n\":1}}{{}}";
        Assert.Equal(expected, folder.Sql(shown));
        Assert.True(await store.ScrubAsync(1, Token));
        Assert.Equal(expected, folder.Sql(shown));
        Assert.False(await store.ScrubAsync(1, Token));
        Assert.Equal(expected, folder.Sql(shown));
    }

    [Theory]
    [InlineData("rest = 4")]
    [InlineData("rest = NULL")]
    [InlineData("rest = 99")]
    [InlineData("position = 4, rest = 2")]
    [InlineData("stream = -9")]
    public async Task What_is_damaged_of_what_is_left_costs_no_event_and_keeps_no_other_from_being_scrubbed(
        string damage)
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 2);
        await CommitAsync(store, Clear("a"));
        await CommitAsync(store, Of("a", ExpectedVersion.Any, events: 2));
        await CommitAsync(store, Of("b", ExpectedVersion.Any, events: 2));
        await CommitAsync(store, Clear("b"));
        folder.Sql($"UPDATE removals SET {damage} WHERE stream < 0 AND position = 3");

        Assert.False(await store.ScrubAsync(10, Token));
        await Assert.ThrowsAsync<StoreCorruptException>(async () => await store.ScrubAsync(10, Token));

        Assert.Equal(4L, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
        Assert.Equal(2, (await ReadAsync(store, "a")).Count);
    }

    // What was scrubbed before the damage is not walked again: each step would find something to do, for ever.
    [Fact]
    public async Task A_generation_that_is_damaged_in_its_middle_is_scrubbed_as_far_as_it_leads()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 5);
        await CommitAsync(store, Clear("a"));
        folder.Sql("UPDATE log_0 SET stream = 99 WHERE position = 3");

        Assert.False(await store.ScrubAsync(10, Token));
        await Assert.ThrowsAsync<StoreCorruptException>(async () => await store.ScrubAsync(10, Token));

        Assert.Equal(3L, folder.Sql("SELECT max(position) FROM log_0 WHERE length(payload) > 0"));
    }

    // Each event is on a page of its own at least, and the pages of a large one are overwritten.
    [Fact]
    public async Task A_step_counts_the_bytes_that_it_overwrites_so_that_the_write_ahead_log_is_written_back()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.Any, data: $"\"{new string('x', Mebibyte - 10)}\""));
        await CommitAsync(store, Of("b", ExpectedVersion.Any, events: 40));
        await CommitAsync(store, Clear("a"));
        await CommitAsync(store, Clear("b"));
        await SettleAsync(store);

        var before = store.Maintenance.BytesSinceCheckpoint;
        Assert.True(await store.ScrubAsync(1, Token));
        var large = store.Maintenance.BytesSinceCheckpoint - before;
        Assert.True(await store.ScrubAsync(39, Token));

        const int page = ChecksummedFiles.PageSize;
        Assert.InRange(large, Mebibyte, Mebibyte + 2 * page);
        Assert.InRange(store.Maintenance.BytesSinceCheckpoint - before - large, 39 * page, 40 * page);
    }

    private static async Task<SqliteEventStore> FilledAsync(SqliteFolder folder, int events)
    {
        var store = await folder.OpenAsync(flush: 100);
        await CommitAsync(store, Of("a", ExpectedVersion.Any, events));
        return store;
    }
}
