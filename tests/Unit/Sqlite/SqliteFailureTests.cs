using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

public sealed class SqliteFailureTests
{
    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await using var folder = new SqliteFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        folder.Sql("UPDATE store SET version = 99");

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync());
        Assert.Contains("Update Granary", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_schema_that_is_not_migrated_is_refused()
    {
        await using var folder = new SqliteFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        folder.Sql("UPDATE store SET version = 1");

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync());
        Assert.Contains("has schema 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("choose another path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_number_of_partitions_is_refused()
    {
        await using var folder = new SqliteFolder();
        await (await folder.OpenAsync(partitions: 3)).DisposeAsync();

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync(partitions: 1));
        Assert.Contains("set PartitionCount to 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await using var folder = new SqliteFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        await File.WriteAllTextAsync(folder.Path, new string('x', 20_000), Token);

        await Assert.ThrowsAsync<StoreCorruptException>(() => folder.OpenAsync());
    }

    [Theory, InlineData("payload = x'7b7d'"), InlineData("timestamp = timestamp + 1"), InlineData("stream = 2")]
    [InlineData("append_id = zeroblob(16)"), InlineData("append_id = NULL"), InlineData("append_id = x'01'")]
    [InlineData("metadata = x'7b7d'"), InlineData("version = 2"), InlineData("prev = 9")]
    public async Task A_damaged_row_is_detected(string damage)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
        await CommitAsync(store, Of("b", ExpectedVersion.NoStream));
        folder.Sql($"UPDATE log_0 SET {damage} WHERE position = 1");

        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadLogAsync(store));
    }

    [Fact]
    public async Task A_missing_row_is_detected_and_not_waited_for()
    {
        await using var folder = new SqliteFolder();
        await CommitAsync(await folder.OpenAsync(), Of("a", ExpectedVersion.NoStream, events: 3));
        folder.Sql("DELETE FROM log_0 WHERE position = 2");

        await Assert.ThrowsAsync<StoreCorruptException>(() => folder.OpenAsync());
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_and_the_store_continues_when_there_is_space()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var kept = await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
        await LimitPagesAsync(store);
        var large = Of("a", ExpectedVersion.Exactly(kept.Version), data: "\"" + new string('x', 900_000) + "\"");

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, large));

        Assert.Contains("Free space", error.Message, StringComparison.Ordinal);
        Assert.Single(await ReadAsync(store, "a"));
        Assert.Equal((AppendOutcome.Appended, 2), await OutcomeAsync(store, large));
        Assert.Equal((AppendOutcome.AlreadyAppended, 2), await OutcomeAsync(store, large));
        Assert.Equal([1, 2], (await ReadAsync(store, "a")).Select(one => (int)one.Version.Value));
    }

    [Fact]
    public async Task A_commit_that_cannot_be_synced_is_not_found_after_a_crash_either()
    {
        await using var folder = new SqliteFolder();
        await using var crashed = new SqliteFolder();
        var store = await folder.OpenAsync();
        await store.Maintenance.RunDueMaintenanceAsync();
        var kept = await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
        await store.Writer.UseAsync(FailingDisk.Sync, Token);

        // Of several pages: those after the first stay in the write-ahead log.
        var refused = Of("a", ExpectedVersion.Exactly(kept.Version), data: "\"" + new string('x', 30_000) + "\"");

        // An answer that is set stands: there is none.
        var batch = new AppendBatch(new(0), kept.Timestamp, [refused]);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(batch, Token).AsTask());
        Assert.Equal(default, batch.Results[0]);

        Assert.Single(await ReadAsync(store, "a"));
        folder.CopyTo(crashed);
        Assert.Single(await ReadAsync(await crashed.OpenAsync(), "a"));
        Assert.Equal((AppendOutcome.Appended, 2), await OutcomeAsync(store, refused));
    }

    [Fact]
    public async Task A_connection_that_may_not_write_fails_as_read_only()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
        await store.Writer.UseAsync(static session => session.Execute("PRAGMA query_only = 1"), Token);

        var error = await Assert.ThrowsAsync<StoreReadOnlyException>(
            () => CommitAsync(store, Of("a", ExpectedVersion.Any)));

        Assert.Contains("read-only", error.Message, StringComparison.Ordinal);
        Assert.Single(await ReadAsync(store, "a"));
    }

    [Theory, InlineData(raw.SQLITE_BUSY), InlineData(raw.SQLITE_IOERR), InlineData(raw.SQLITE_CANTOPEN)]
    public void What_may_pass_is_unavailable(int code) =>
        Assert.IsType<StoreUnavailableException>(SqliteErrors.Map(new SqliteException("any", code), "granary.db"));

    // The limit belongs to the connection, so it goes when the store opens another after the failure.
    private static ValueTask LimitPagesAsync(SqliteEventStore store) => store.Writer.UseAsync(
        static session => session.Execute($"PRAGMA max_page_count = {session.Scalar("PRAGMA page_count")}"), Token);

    private static async Task<(AppendOutcome, long)> OutcomeAsync(SqliteEventStore store, Append append)
    {
        var result = await CommitAsync(store, append);
        return (result.Outcome, result.Version.Value);
    }
}
