using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// A database file beside a write-ahead log that is not its own, or has lost what was synced: SQLite would recover it,
/// and serve a mixture of the two, or less than was confirmed.
/// </summary>
public sealed class ExchangedFileTests
{
    private const int Header = 32;
    private const int Frame = 24 + ChecksummedFiles.PageSize;

    [Fact]
    public async Task The_write_ahead_log_of_another_store_is_refused()
    {
        await using var other = await KilledAsync(events: 9);
        await using var folder = await KilledAsync(events: 3);
        File.Copy(other.WalPath, folder.WalPath, overwrite: true);

        await AssertRefusedAsync(folder, "another file");
    }

    [Fact]
    public async Task A_newer_write_ahead_log_is_refused_beside_a_backup()
    {
        await using var backup = new SqliteFolder();
        await using var folder = await KilledAsync(
            events: 3, before: async store => await store.BackupAsync(backup.Path, Token));
        File.Copy(backup.Path, folder.Path, overwrite: true);

        await AssertRefusedAsync(folder, "move ");
        File.Delete(folder.WalPath);
        Assert.Equal(1, (await HeadAsync(await folder.OpenAsync(), "first")).Version.Value);
    }

    [Fact]
    public async Task A_newer_write_ahead_log_is_refused_beside_a_copy_of_the_closed_file()
    {
        await using var folder = new SqliteFolder();
        await (await FilledAsync(folder)).DisposeAsync();
        var copy = await File.ReadAllBytesAsync(folder.Path, Token);
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder);
        folder.CopyTo(killed);
        await File.WriteAllBytesAsync(killed.Path, copy, Token);
        await store.DisposeAsync();

        await AssertRefusedAsync(killed, "another file");
    }

    [Fact]
    public async Task An_older_write_ahead_log_is_refused()
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder);
        var older = await File.ReadAllBytesAsync(folder.WalPath, Token);
        for (var at = 0; at < 10; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any));
        folder.Sql("PRAGMA wal_checkpoint");
        folder.CopyTo(killed);
        await File.WriteAllBytesAsync(killed.WalPath, older, Token);

        await AssertRefusedAsync(killed, "damaged");
    }

    [Fact]
    public async Task The_files_of_a_killed_process_are_accepted_after_each_beginning_of_the_write_ahead_log()
    {
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        for (var at = 1; at <= 30; at++)
        {
            if (at % 3 == 0) folder.Sql("PRAGMA wal_checkpoint");
            await CommitAsync(store, Of("a", ExpectedVersion.Any));
            await using var killed = new SqliteFolder();
            folder.CopyTo(killed);
            Assert.Equal(at, (await HeadAsync(await killed.OpenAsync(), "a")).Version.Value);
        }
    }

    [Fact]
    public async Task A_process_that_is_killed_while_the_write_ahead_log_begins_anew_leaves_files_that_belong_together()
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder);
        folder.Sql("PRAGMA wal_checkpoint");
        folder.CopyTo(killed);
        var last = await File.ReadAllBytesAsync(killed.WalPath, Token);
        await CommitAsync(store, Of("a", ExpectedVersion.Any));
        var next = await File.ReadAllBytesAsync(folder.WalPath, Token);
        Assert.NotEqual(last[..Header], next[..Header]);

        // The file has the salts of both; then the header is written, then the first commit.
        var file = await File.ReadAllBytesAsync(killed.Path, Token);
        next.AsSpan(16, 8).CopyTo(file.AsSpan(WalIdentity.Offset + 8));
        foreach (var (wal, version) in new[] { (last, 0), ([.. next[..Header], .. last[Header..]], 0), (next, 1) })
        {
            await File.WriteAllBytesAsync(killed.Path, file, Token);
            await File.WriteAllBytesAsync(killed.WalPath, wal, Token);
            await using var opened = new SqliteEventStore(killed.Options());
            await opened.InitializeAsync(Token);
            Assert.Equal(1, (await HeadAsync(opened, "first")).Version.Value);
            Assert.Equal(version, (await HeadAsync(opened, "a")).Version.Value);
        }
    }

    [Fact]
    public async Task A_power_cut_before_the_header_of_the_write_ahead_log_is_synced_leaves_files_that_belong_together()
    {
        await using var folder = new SqliteFolder();
        await using var cut = new SqliteFolder();
        var store = await FilledAsync(folder);
        folder.Sql("PRAGMA wal_checkpoint");
        var last = await File.ReadAllBytesAsync(folder.WalPath, Token);
        await store.Writer.UseAsync(FailingDisk.Sync, Token);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
        folder.CopyTo(cut);
        Assert.NotEqual(last[..Header], (await File.ReadAllBytesAsync(cut.WalPath, Token))[..Header]);

        // What was synced is the last one.
        await File.WriteAllBytesAsync(cut.WalPath, last, Token);

        Assert.Equal(1, (await HeadAsync(await cut.OpenAsync(), "first")).Version.Value);
    }

    [Theory]
    [InlineData(Header - 1)]
    [InlineData(20)]
    [InlineData(Header + 3)]
    [InlineData(Header + 24 + 4_000)]
    [InlineData(Header + 4 * Frame + 10)]
    [InlineData(Header + 4 * Frame + 20)]
    public async Task A_write_ahead_log_that_is_damaged_before_its_last_commits_is_refused(int damaged)
    {
        await using var folder = await KilledAsync(events: 9);
        var bytes = await File.ReadAllBytesAsync(folder.WalPath, Token);
        bytes[damaged] ^= 4;
        await File.WriteAllBytesAsync(folder.WalPath, bytes, Token);

        await AssertRefusedAsync(folder, "damaged");
    }

    [Fact]
    public async Task A_write_ahead_log_whose_end_was_not_written_is_accepted_up_to_there()
    {
        await using var folder = await KilledAsync(events: 9);
        using (var wal = new FileStream(folder.WalPath, FileMode.Open)) wal.SetLength(wal.Length - 1);

        Assert.Equal(8, (await HeadAsync(await folder.OpenAsync(), "a")).Version.Value);
    }

    [Fact]
    public async Task Frames_of_a_transaction_that_was_rolled_back_are_no_damage()
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder);
        await store.Writer.UseAsync(
            static session =>
            {
                session.Execute("PRAGMA cache_size = 1");
                session.Write(static writing =>
                {
                    writing.Execute("CREATE TABLE large (a); INSERT INTO large VALUES (randomblob(500000))");
                    return false;
                });
            },
            Token);
        for (var at = 0; at < 8; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any));
        await CommitAsync(store, Of("a", ExpectedVersion.Any, data: $"\"{new string('x', 30_000)}\""));
        folder.CopyTo(killed);

        // Of the last commit, which was not synced, a frame is missing.
        var wal = await File.ReadAllBytesAsync(killed.WalPath, Token);
        var ends = Enumerable.Range(0, wal.Length / Frame)
            .Where(at => wal.AsSpan(Header + at * Frame + 4, 4).ContainsAnyExcept((byte)0)).ToArray();
        Assert.True(ends[^1] < wal.Length / Frame - 20, "Frames of the other transaction are after the last commit.");
        wal.AsSpan(Header + (ends[^2] + 1) * Frame, Frame).Clear();
        await File.WriteAllBytesAsync(killed.WalPath, wal, Token);

        Assert.Equal(8, (await HeadAsync(await killed.OpenAsync(), "a")).Version.Value);
    }

    [Fact]
    public async Task What_the_file_keeps_of_its_write_ahead_log_is_not_in_the_way_of_other_programs()
    {
        await using var folder = await KilledAsync(events: 9);

        Assert.Equal("ok", folder.ForeignSql("PRAGMA integrity_check"));
        Assert.False(File.Exists(folder.WalPath));
        Assert.Equal(9, (await HeadAsync(await folder.OpenAsync(), "a")).Version.Value);
    }

    [Fact]
    public async Task Another_program_that_runs_a_checkpoint_does_not_separate_the_files()
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await FilledAsync(folder);
        await store.Writer.WriteAsync(static session => session.Execute("CREATE TABLE first_page (a)"), Token);
        folder.ForeignSql("PRAGMA wal_checkpoint");
        folder.CopyTo(killed);

        Assert.Equal(1, (await HeadAsync(await killed.OpenAsync(), "first")).Version.Value);
    }

    // What a process has left that was killed, with nothing moved into the file of its last commits.
    private static async Task<SqliteFolder> KilledAsync(int events, Func<SqliteEventStore, Task>? before = null)
    {
        await using var folder = new SqliteFolder();
        var killed = new SqliteFolder();
        var store = await FilledAsync(folder);
        if (before is not null) await before(store);
        for (var at = 0; at < events; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any));
        folder.CopyTo(killed);
        return killed;
    }

    private static async Task<SqliteEventStore> FilledAsync(SqliteFolder folder)
    {
        var store = await folder.OpenAsync();

        // What is due at the start is done: nothing moves pages while files are copied.
        await store.Maintenance.RunDueMaintenanceAsync();
        await CommitAsync(store, Of("first", ExpectedVersion.Any));
        return store;
    }

    private static async Task AssertRefusedAsync(SqliteFolder folder, string message)
    {
        var file = await File.ReadAllBytesAsync(folder.Path, Token);
        var wal = await File.ReadAllBytesAsync(folder.WalPath, Token);
        for (var time = 0; time < 2; time++)
        {
            var error = await Assert.ThrowsAsync<StoreCorruptException>(() => folder.OpenAsync());
            Assert.Contains(folder.WalPath, error.Message, StringComparison.Ordinal);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }

        // Both are as they were, so that what is in them can be read, or put together again.
        Assert.Equal(file, await File.ReadAllBytesAsync(folder.Path, Token));
        Assert.Equal(wal, await File.ReadAllBytesAsync(folder.WalPath, Token));
    }
}
