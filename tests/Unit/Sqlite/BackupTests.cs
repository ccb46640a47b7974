using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

public sealed class BackupTests
{
    [Fact]
    public async Task A_backup_of_a_store_in_use_is_a_store_with_everything_up_to_an_instant()
    {
        await using var folder = new SqliteFolder();
        await using var restored = new SqliteFolder();
        var store = await folder.OpenAsync(partitions: 2, flush: 20);
        for (var at = 0; at < 50; at++) await CommitAsync(store, Of($"{at % 7}", ExpectedVersion.Any, events: 2));
        await CommitAsync(store, Clear("3"));

        var writing = Task.Run(
            async () =>
            {
                for (var at = 0; at < 50; at++) await CommitAsync(store, Of("during", ExpectedVersion.Any));
            },
            Token);
        await store.BackupAsync(restored.Path, Token);
        await writing;

        var copy = await restored.OpenAsync(partitions: 2);
        for (var partition = 0; partition < 2; partition++)
        {
            var (log, copied) = (await ReadLogAsync(store, partition), await ReadLogAsync(copy, partition));
            Assert.True(copied.Count >= log.Count(static one => one.Stream.Key != "during"));
            Assert.Equal(log.Take(copied.Count).Select(static one => one.Id), copied.Select(static one => one.Id));
        }

        Assert.Equal(16, (await HeadAsync(copy, "0")).Version.Value);
        Assert.Equal(1, (await CommitAsync(copy, Of("3", ExpectedVersion.NoStream))).Version.Value);
    }

    [Fact]
    public async Task A_file_that_exists_is_not_overwritten()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var path = Path.Combine(folder.Root, "backup.db");
        await File.WriteAllTextAsync(path, "mine", Token);

        var error = await Assert.ThrowsAsync<IOException>(() => store.BackupAsync(path, Token));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(path, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    [InlineData("-journal")]
    public async Task A_path_that_the_store_uses_itself_is_refused(string suffix)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));

        await Assert.ThrowsAsync<IOException>(() => store.BackupAsync(folder.Path + suffix, Token));

        Assert.False(File.Exists(folder.Path + "-journal"));
        Assert.Equal(2, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(1))))).Version.Value);
    }

    [Fact]
    public async Task What_a_killed_backup_has_left_does_not_prevent_the_next_one()
    {
        await using var folder = new SqliteFolder();
        await using var restored = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        Directory.CreateDirectory(Path.GetDirectoryName(restored.Path)!);
        await File.WriteAllTextAsync(restored.Path + ".partial", "cut off", Token);

        await store.BackupAsync(restored.Path, Token);

        Assert.Equal(3, (await HeadAsync(await restored.OpenAsync(), "a")).Version.Value);
    }

    [Fact]
    public async Task A_damaged_store_has_no_backup()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        for (var at = 0; at < 10; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any, events: 100));
        await store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(folder.Path, Token);

        // A page of the log's middle: not one that is read when the store is opened.
        bytes[^(4 * Storage.Sqlite.ChecksummedFiles.PageSize + 1_000)] ^= 1;
        await File.WriteAllBytesAsync(folder.Path, bytes, Token);
        var damaged = await folder.OpenAsync();
        var path = Path.Combine(folder.Root, "backups", "backup.db");

        await Assert.ThrowsAsync<StoreCorruptException>(() => damaged.BackupAsync(path, Token));

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task A_backup_that_is_cancelled_leaves_no_file()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        using var cancelled = new CancellationTokenSource();
        var path = Path.Combine(folder.Root, "backups", "backup.db");
        await store.Readers.ReadAsync(static session => session.Logs[0].LastPosition(), Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.BackupAsync(path, cancelled.Token));

        Assert.False(File.Exists(path));
    }
}
