using System.Text;
using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// A truncation is a short transaction however long its stream is, and what it leaves is scrubbed as what a clearing
/// leaves. Truncating again costs what is new.
/// </summary>
public sealed class TruncationTests
{
    [Fact]
    public async Task A_truncation_writes_the_same_number_of_rows_for_any_stream()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: 100);
        await CommitAsync(store, Of("short", ExpectedVersion.Any, events: 3));
        await CommitAsync(store, Of("long", ExpectedVersion.Any, events: 3_000));
        await SettleAsync(store);

        // The first event that stays, what is left of those before, and how often that happened.
        Assert.Equal(3, await RowsOfAsync(store, () => TruncateAsync(store, "short", 2)));
        Assert.Equal(3, await RowsOfAsync(store, () => TruncateAsync(store, "long", 2_000)));
        Assert.Equal(0, await RowsOfAsync(store, () => TruncateAsync(store, "long", 1_000)));
        Assert.Equal(4, await RowsOfAsync(store, () => TruncateAsync(store, "long", 2_001)));

        // The snapshot is one more; the next truncation drops it and writes its own.
        Assert.Equal(5, await RowsOfAsync(store, () => TruncateAsync(store, "long", 2_002, "s")));
        Assert.Equal(6, await RowsOfAsync(store, () => TruncateAsync(store, "long", 2_003, "s")));
        Assert.Equal(3_003L, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
    }

    [Fact]
    public async Task A_truncation_whose_snapshot_does_not_fit_on_the_disk_removes_nothing()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 5);
        await store.Writer.UseAsync(
            static session => session.Execute($"PRAGMA max_page_count = {session.Scalar("PRAGMA page_count")}"), Token);
        var state = new string('x', 900_000);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => TruncateAsync(store, "a", 3, state));

        Assert.Contains("Free space", error.Message, StringComparison.Ordinal);
        Assert.Null(await StateAsync(store, "a"));
        Assert.Equal(5, (await ReadAsync(store, "a")).Count);
        Assert.DoesNotContain(await ReadLogAsync(store), static recorded => recorded.IsTombstone);

        // The limit belongs to the connection: the store has opened another.
        await TruncateAsync(store, "a", 3, state);
        Assert.Equal(state, await StateAsync(store, "a"));
        Assert.Equal([3, 4, 5], (await ReadAsync(store, "a", after: 2)).Select(static one => (int)one.Version.Value));
    }

    [Fact]
    public async Task Snapshots_that_wait_to_be_written_while_another_process_truncates_replace_nothing()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 5);
        var other = await folder.OpenAsync();
        var snapshots = new SqliteSnapshotStore(store);
        var log = await ReadLogAsync(store);
        using var truncated = new ManualResetEventSlim();
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = Task.Run(
            () => store.Writer.UseAsync(
                _ =>
                {
                    busy.SetResult();
                    truncated.Wait(Token);
                },
                Token).AsTask(),
            Token);
        await busy.Task;

        var waiting = log.Take(3).Select(one => snapshots.WriteSnapshotAsync(SnapshotOf(one, "late"), Token).AsTask())
            .ToArray();
        await TruncateAsync(other, "a", 3, "base");
        truncated.Set();
        await writing;
        await Task.WhenAll(waiting);

        Assert.Equal("base", await StateAsync(store, "a"));
        Assert.Equal(1L, folder.Sql("SELECT count(*) FROM snapshots"));
    }

    // The first event of a stream that was not truncated has no version that a snapshot could have.
    [Fact]
    public async Task Where_a_stream_was_not_truncated_a_snapshot_before_its_first_event_is_replaced_and_pruned()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: ISnapshotStore.KeptMax);
        var snapshots = new SqliteSnapshotStore(store);
        var log = await ReadLogAsync(store);
        await snapshots.WriteSnapshotAsync(SnapshotOf(log[0], "first", version: 0), Token);
        await snapshots.WriteSnapshotAsync(SnapshotOf(log[0], "second", version: 0), Token);
        Assert.Equal("second", await StateAsync(store, "a"));

        foreach (var one in log) await snapshots.WriteSnapshotAsync(SnapshotOf(one, "later"), Token);
        Assert.Equal(1L, folder.Sql("SELECT min(version) FROM snapshots"));
    }

    [Fact]
    public async Task Truncating_again_costs_what_is_new_and_not_what_was_truncated_before()
    {
        const int kept = 5;
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 1_000, flush: 50_000);
        await TruncateAsync(store, "a", 1_000 - kept + 1);
        Assert.True(await store.ScrubAsync(1_000 - kept - 1, Token));
        Assert.False(await store.ScrubAsync(1, Token));
        await SettleAsync(store);

        for (var version = 1_010; version <= 1_100; version += 10)
        {
            await CommitAsync(store, Of("a", ExpectedVersion.Any, events: 10));
            await TruncateAsync(store, "a", version - kept + 1);
            Assert.True(await store.ScrubAsync(9, Token));
            var rows = await RowsOfAsync(store, async () => Assert.False(await store.ScrubAsync(10, Token)));
            Assert.InRange(rows, 1, 1 + 2);
            Assert.Equal((long)kept, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
        }
    }

    [Fact]
    public async Task Several_truncations_and_a_clearing_that_none_has_scrubbed_leave_nothing()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 300);
        await TruncateAsync(store, "a", 100);
        Assert.True(await store.ScrubAsync(40, Token));
        await TruncateAsync(store, "a", 200);
        await CommitAsync(store, Clear("a"));
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 4));
        await TruncateAsync(store, "a", 3);
        Assert.Equal(4L, folder.Sql("SELECT count(*) FROM removals WHERE stream < 0"));

        while (await store.ScrubAsync(50, Token))
        {
        }

        Assert.Equal([3, 4], (await ReadAsync(store, "a", after: 2)).Select(static one => (int)one.Version.Value));
        Assert.Equal(2L, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM removals WHERE stream < 0"));
        Assert.Equal(2L, folder.Sql("SELECT count(*) FROM removals"));
    }

    // A retry is looked for at any distance: the index has to lead there. A cleared stream's marks lead nowhere.
    [Fact]
    public async Task The_marks_of_what_is_truncated_stay_until_the_stream_is_cleared()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 300);
        await store.Maintenance.FlushAsync(store.IndexOf(0));
        await SettleAsync(store);
        await TruncateAsync(store, "a", 300);
        Assert.False(await store.ScrubAsync(300, Token));
        Assert.Equal(5L, folder.Sql("SELECT count(*) FROM marks"));

        // Each mark, the one event that had content, the tombstone's type, what is left: no tombstone is written again.
        await CommitAsync(store, Clear("a"));
        await store.Maintenance.FlushAsync(store.IndexOf(0));
        var rows = await RowsOfAsync(store, async () => Assert.False(await store.ScrubAsync(300, Token)));
        Assert.Equal(5 + 1 + 1 + 1, rows);
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM marks WHERE version > 1"));
    }

    [Fact]
    public async Task What_a_process_that_was_killed_between_two_steps_has_left_is_scrubbed_by_the_next()
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder, events: 300);
        await TruncateAsync(store, "a", 251);
        Assert.True(await store.ScrubAsync(120, Token));
        await SettleAsync(store);
        folder.CopyTo(killed);

        var next = await killed.OpenAsync();
        Assert.Equal(251, (await HeadAsync(next, "a")).First.Value);
        var log = await ReadLogAsync(next);
        Assert.Equal(250, log.Count(static one => one.IsTombstone && one.Payload.IsEmpty));
        Assert.True(await next.ScrubAsync(129, Token));
        Assert.False(await next.ScrubAsync(1, Token));

        Assert.Equal(log.Select(static one => one.Id), (await ReadLogAsync(next)).Select(static one => one.Id));
        Assert.Equal(50, (await ReadAsync(next, "a", after: 250)).Count);
        Assert.Equal(50L, killed.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
    }

    [Fact]
    public async Task A_backup_hides_what_was_truncated_and_its_store_scrubs_it()
    {
        await using var folder = new SqliteFolder();
        await using var copy = new SqliteFolder();
        var store = await FilledAsync(folder, events: 10);
        await TruncateAsync(store, "a", 8);

        await store.BackupAsync(copy.Path, Token);

        var restored = await copy.OpenAsync();
        Assert.Equal(7, (await ReadLogAsync(restored)).Count(static one => one.IsTombstone));
        Assert.Equal(8, (await HeadAsync(restored, "a")).First.Value);
        Assert.False(await restored.ScrubAsync(10, Token));
        Assert.Equal(3L, copy.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0"));
    }

    [Fact]
    public async Task For_people_too_what_is_truncated_is_a_tombstone_at_once()
    {
        const string shown = "SELECT group_concat(type || data, ' ') FROM event_log";
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 3);
        await TruncateAsync(store, "a", 3);

        const string expected = "granary.tombstone granary.tombstone happened{\"n\":1}";
        Assert.Equal(expected, folder.Sql(shown));
        Assert.False(await store.ScrubAsync(2, Token));
        Assert.Equal(expected, folder.Sql(shown));
    }

    [Fact]
    public async Task A_stream_that_is_truncated_while_it_is_read_is_read_to_its_end_or_to_what_is_missing()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 5_000);
        var read = new List<RecordedEvent>();

        var error = await Assert.ThrowsAsync<StreamTruncatedException>(async () =>
        {
            await foreach (var recorded in store.ReadStreamAsync(new("test", "a"), StreamVersion.Zero, Token))
            {
                if (read.Count == 500) await TruncateAsync(store, "a", 4_900);
                read.Add(recorded);
            }
        });

        Assert.Equal((read.Count + 1L, 4_900L), (error.Requested.Value, error.First.Value));
        Assert.DoesNotContain(read, static one => one.IsTombstone);
    }

    [Theory]
    [InlineData("position = 5")]
    [InlineData("first = 5")]
    [InlineData("first = 0")]
    [InlineData("position = 99")]
    [InlineData("stream = 2")]
    public async Task A_truncation_that_does_not_match_its_event_is_not_followed(string damage)
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 10);
        await CommitAsync(store, Of("b", ExpectedVersion.Any, events: 2));
        await TruncateAsync(store, "a", 4);
        folder.Sql($"UPDATE removals SET {damage} WHERE stream = 1");

        var key = damage.StartsWith("stream", StringComparison.Ordinal) ? "b" : "a";
        await Assert.ThrowsAsync<StoreCorruptException>(() => HeadAsync(store, key));
        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, key, after: 8));
        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadLogAsync(store));
        await Assert.ThrowsAsync<StoreCorruptException>(async () => await store.TruncateAsync(
            new(new("test", key), new(2), new(default, new(key == "a" ? 2 : 12))), Token));
    }

    [Theory]
    [InlineData("rest = 4")]
    [InlineData("rest = NULL")]
    [InlineData("rest = 99")]
    [InlineData("first = NULL")]
    [InlineData("first = 3")]
    [InlineData("position = 2, rest = 1")]
    [InlineData("position = 5, rest = 4")]
    public async Task What_is_damaged_of_what_is_left_costs_no_event(string damage)
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder, events: 5);
        await TruncateAsync(store, "a", 3);
        folder.Sql($"UPDATE removals SET {damage} WHERE stream < 0");

        try
        {
            await store.ScrubAsync(10, Token);
        }
        catch (StoreCorruptException)
        {
        }

        Assert.Equal([3, 4, 5], (await ReadAsync(store, "a", after: 2)).Select(static one => (int)one.Version.Value));
        Assert.Equal(3L, folder.Sql("SELECT count(*) FROM log_0 WHERE length(payload) > 0 AND position >= 3"));
    }

    private static async Task TruncateAsync(SqliteEventStore store, string key, long before, string? state = null)
    {
        var log = new List<RecordedEvent>();
        for (var more = true; more;)
        {
            var page = await store.ReadLogForwardAsync(new(default, new(log.Count)), int.MaxValue, Token);
            log.AddRange(page.Events);
            more = page.Events.Count > 0;
        }

        var first = log.Last(one => one.Stream.Key == key && one.Version.Value == before);
        var snapshot = state is null ? null : SnapshotOf(first, state);
        Assert.True(await store.TruncateAsync(new(first.Stream, first.Version, first.Position, snapshot), Token));
    }

    private static Snapshot SnapshotOf(RecordedEvent at, string state, long? version = null) => new()
    {
        Stream = at.Stream,
        Version = new(version ?? at.Version.Value),
        Position = at.Position,
        Timestamp = at.Timestamp,
        Fingerprint = "f",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(state),
    };

    private static async Task<string?> StateAsync(SqliteEventStore store, string key) =>
        await new SqliteSnapshotStore(store).ReadSnapshotAsync(new("test", key), new(long.MaxValue), null, Token)
            is { } found
            ? Encoding.UTF8.GetString(found.Payload.Span)
            : null;

    private static async Task<SqliteEventStore> FilledAsync(SqliteFolder folder, int events, int flush = 100)
    {
        var store = await folder.OpenAsync(flush: flush);
        await CommitAsync(store, Of("a", ExpectedVersion.Any, events));
        return store;
    }
}
