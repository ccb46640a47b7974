using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// When a file becomes a new store, and when it does not: what was there before must not be lost silently.
/// </summary>
public sealed class NewFileTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_file_without_bytes_is_no_new_store(bool withWal)
    {
        await using var folder = new SqliteFolder();
        await using var cut = new SqliteFolder();
        await FillAsync(folder);
        folder.CopyTo(cut);
        await File.WriteAllBytesAsync(cut.Path, [], Token);
        var wal = await File.ReadAllBytesAsync(cut.WalPath, Token);
        if (!withWal) File.Delete(cut.WalPath);

        for (var time = 0; time < 2; time++)
        {
            var error = await Assert.ThrowsAsync<StoreCorruptException>(() => cut.OpenAsync());
            Assert.Contains($"{cut.Path} has no bytes", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, new FileInfo(cut.Path).Length);
        if (withWal) Assert.Equal(wal, await File.ReadAllBytesAsync(cut.WalPath, Token));
        else Assert.False(File.Exists(cut.WalPath));
    }

    [Theory, InlineData("-wal"), InlineData("-journal")]
    public async Task No_file_is_created_beside_what_is_left_of_another(string suffix)
    {
        await using var folder = new SqliteFolder();
        await using var left = new SqliteFolder();
        await FillAsync(folder);
        folder.CopyTo(left);
        File.Delete(left.Path);
        File.Move(left.WalPath, left.Path + suffix, overwrite: true);

        var error = await Assert.ThrowsAsync<StoreCorruptException>(() => left.OpenAsync());

        Assert.Contains(left.Path + suffix, error.Message, StringComparison.Ordinal);
        Assert.Equal([left.Path + suffix], Directory.GetFiles(Path.GetDirectoryName(left.Path)!));
    }

    [Fact]
    public async Task A_rollback_journal_beside_the_file_is_not_played_back()
    {
        await using var folder = new SqliteFolder();
        await using var changed = new SqliteFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        var (journal, file) = Interrupted(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(changed.Path)!);
        await File.WriteAllBytesAsync(changed.Path, file, Token);
        await File.WriteAllBytesAsync(changed.Path + "-journal", journal, Token);

        var error = await Assert.ThrowsAsync<StoreCorruptException>(() => changed.OpenAsync());

        Assert.Contains($"{changed.Path}-journal", error.Message, StringComparison.Ordinal);
        Assert.Equal(file, await File.ReadAllBytesAsync(changed.Path, Token));
        Assert.Equal(journal, await File.ReadAllBytesAsync(changed.Path + "-journal", Token));
    }

    [Fact]
    public async Task A_backup_becomes_a_store_without_a_rollback_journal_that_a_kill_would_leave()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));

        // With "-wal" it is as long as a name may be; with "-journal" it is longer, so that no such file can be made.
        var options = folder.Options();
        options.Path = Path.Combine(folder.Root, new string('a', 251));
        await store.BackupAsync(Path.Combine(folder.Root, "backup"), Token);
        File.Move(Path.Combine(folder.Root, "backup"), options.Path);

        Assert.Equal(1, (await HeadAsync(await folder.OpenAsync(new SqliteEventStore(options)), "a")).Version.Value);
    }

    [Fact]
    public async Task A_backup_whose_first_page_was_written_in_part_when_it_became_a_store_opens()
    {
        await using var folder = new SqliteFolder();
        await using var restored = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
        await store.BackupAsync(restored.Path, Token);
        using (var connection = restored.Connect())
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = OFF";
            command.ExecuteNonQuery();
            FailingDisk.FirstPage(connection);
            command.CommandText = "PRAGMA journal_mode = WAL";
            Assert.Throws<SqliteException>(command.ExecuteScalar);
        }

        Assert.Equal(1, (await HeadAsync(await restored.OpenAsync(), "a")).Version.Value);
    }

    [Fact]
    public async Task A_file_whose_creation_fails_or_is_killed_is_not_there_and_can_be_created()
    {
        await using var folder = new SqliteFolder();
        using (var database = new SqliteDatabase(folder.Options(), TimeProvider.System))
        {
            Assert.Throws<OperationCanceledException>(() => database.Create(session =>
            {
                // What is there while it is created is there after a kill.
                session.Execute("CREATE TABLE half (a)");
                Assert.False(File.Exists(folder.Path));
                throw new OperationCanceledException();
            }));
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder.Path)!));
        Assert.Equal(1, (await CommitAsync(await folder.OpenAsync(), Of("a", ExpectedVersion.NoStream))).Version.Value);
    }

    [Fact]
    public async Task A_file_that_its_write_ahead_log_cannot_be_moved_into_is_not_there_and_can_be_created()
    {
        await using var folder = new SqliteFolder();
        using (var database = new SqliteDatabase(folder.Options(), TimeProvider.System))
        {
            Assert.Throws<StoreUnavailableException>(() => database.Create(session =>
            {
                SqliteSchema.Current.Create(session, folder.Options(), Uuid7.New(TimeProvider.System));
                FailingDisk.Pages(session);
            }));
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder.Path)!));
        Assert.Equal(1, (await CommitAsync(await folder.OpenAsync(), Of("a", ExpectedVersion.NoStream))).Version.Value);
    }

    [Fact]
    public async Task A_file_that_is_created_by_many_at_once_is_one_store()
    {
        await using var folder = new SqliteFolder();
        using var together = new Barrier(6);
        var opening = Enumerable.Range(0, 6).Select(_ => new SqliteEventStore(folder.Options(partitions: 2))).Select(
            store => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait(Token);
                    return folder.OpenAsync(store);
                },
                Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToArray();
        var stores = await Task.WhenAll(opening);

        foreach (var store in stores) await CommitAsync(store, Of("a", ExpectedVersion.Any));

        foreach (var store in stores) Assert.Equal(6, (await ReadAsync(store, "a")).Count);
        Assert.All(
            Directory.GetFiles(Path.GetDirectoryName(folder.Path)!),
            path => Assert.StartsWith(folder.Path, path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_without_tables_is_no_new_store()
    {
        await using var folder = new SqliteFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        folder.ForeignSql("PRAGMA user_version = 7");

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync());

        Assert.Contains("Choose another path", error.Message, StringComparison.Ordinal);
        Assert.Equal(7L, folder.ForeignSql("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_link_that_leads_to_itself_is_reported_as_a_path_that_cannot_be_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has such links only for administrators.");
        await using var folder = new SqliteFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        File.CreateSymbolicLink(folder.Path, folder.Path);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.OpenAsync());

        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    // The write-ahead log has the commit: what is due at the start, truncating it, is done before.
    private static async Task FillAsync(SqliteFolder folder)
    {
        var store = await folder.OpenAsync();
        await store.Maintenance.RunDueMaintenanceAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
    }

    // The journal and the file, as another program leaves them that is killed while it changes the file.
    private static (byte[] Journal, byte[] File) Interrupted(SqliteFolder folder)
    {
        using var connection = folder.Connect();
        using var command = connection.CreateCommand();
        foreach (var sql in new[]
        {
            "PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 1", "PRAGMA cache_spill = 1", "BEGIN",
            "CREATE TABLE large (a)", "INSERT INTO large VALUES (randomblob(500000))",
        })
        {
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        var journal = ReadShared(folder.Path + "-journal");
        Assert.NotEqual(0, journal[0]);
        return (journal, ReadShared(folder.Path));
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
