using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// Rows that are wrong although their pages match their checksums, as after a fault in memory: they are checked against
/// the log, or by a checksum of their own, before anything is decided on them.
/// </summary>
public sealed class IndexDamageTests
{
    [Theory]
    [InlineData("DELETE FROM heads WHERE stream = 1")]
    [InlineData("UPDATE heads SET version = 0 WHERE stream = 1")]
    [InlineData("UPDATE heads SET version = 2, position = 2 WHERE stream = 1")]
    [InlineData("UPDATE heads SET position = 4 WHERE stream = 1")]
    [InlineData("UPDATE heads SET stream = 9 WHERE stream = 1")]
    public async Task A_wrong_head_begins_no_second_history(string damage)
    {
        await using var folder = await FlushedAsync();
        folder.Sql(damage);
        var store = await folder.OpenAsync();

        await Assert.ThrowsAsync<StoreCorruptException>(() => HeadAsync(store, "a"));
        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, "a"));
        ExpectedVersion[] expectations =
            [ExpectedVersion.NoStream, ExpectedVersion.Any, ExpectedVersion.Exactly(new(2))];
        foreach (var expected in expectations)
            await Assert.ThrowsAsync<StoreCorruptException>(() => CommitAsync(store, Of("a", expected)));
        Assert.Equal(1, (await HeadAsync(store, "b")).Version.Value);
    }

    [Theory]
    [InlineData("UPDATE streams SET key = 'c' WHERE id = 1")]
    [InlineData("UPDATE streams SET category = 'tesu' WHERE id = 1")]
    [InlineData("DELETE FROM streams WHERE id = 1")]
    public async Task A_wrong_name_is_not_served(string damage)
    {
        await using var folder = await FlushedAsync();
        folder.Sql(damage);

        var store = await folder.OpenAsync();

        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadLogAsync(store));
    }

    [Theory]
    [InlineData("UPDATE types SET name = 'happenee'")]
    [InlineData("UPDATE types SET schema_version = 2")]
    [InlineData("UPDATE types SET content_type = 'application/jsoo'")]
    [InlineData("DELETE FROM types")]
    public async Task A_wrong_type_is_not_served(string damage)
    {
        await using var folder = await FlushedAsync();
        folder.Sql(damage);

        var store = await folder.OpenAsync();

        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadLogAsync(store));
        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, "a"));
        await Assert.ThrowsAsync<StoreCorruptException>(() => HeadAsync(store, "a"));
    }

    [Theory]
    [InlineData("UPDATE indexed SET position = 3")]
    [InlineData("UPDATE indexed SET position = 1000")]
    [InlineData("DELETE FROM indexed")]
    public async Task A_wrong_position_of_the_index_stops_the_start(string damage)
    {
        await using var folder = await FlushedAsync();
        folder.Sql(damage);

        await Assert.ThrowsAsync<StoreCorruptException>(() => folder.OpenAsync());
    }

    [Fact]
    public async Task A_log_that_lost_its_end_stops_the_start()
    {
        await using var folder = await FlushedAsync();
        folder.Sql("DELETE FROM log_0 WHERE position = 4");

        await Assert.ThrowsAsync<StoreCorruptException>(() => folder.OpenAsync());
    }

    [Fact]
    public async Task A_log_that_lost_its_end_while_it_is_open_accepts_no_events()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        folder.Sql("DELETE FROM log_0 WHERE position = 3");

        await Assert.ThrowsAsync<StoreCorruptException>(() => CommitAsync(store, Of("b", ExpectedVersion.Any)));
    }

    [Theory]
    [InlineData("UPDATE marks SET position = position + 1 WHERE version = 65")]
    [InlineData("UPDATE log_0 SET prev = prev - 1 WHERE position = 80")]
    public async Task A_wrong_way_back_into_a_long_stream_is_not_followed(string damage)
    {
        await using var folder = new SqliteFolder();
        var first = await folder.OpenAsync();
        await CommitAsync(first, Of("a", ExpectedVersion.NoStream, events: 200));
        await first.DisposeAsync();
        folder.Sql(damage);
        var store = await folder.OpenAsync();

        // A retry is looked for after version 50: from the mark of version 65, and back over position 80 without one.
        await Assert.ThrowsAsync<StoreCorruptException>(async () =>
        {
            await ReadAsync(store, "a");
            await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(50)), events: 10));
        });
    }

    // Streams a with three events and b with one, all flushed.
    private static async Task<SqliteFolder> FlushedAsync()
    {
        var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        await CommitAsync(store, Of("b", ExpectedVersion.NoStream));
        await store.DisposeAsync();
        return folder;
    }
}
