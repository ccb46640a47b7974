using Granary.Storage.Sqlite;
using Microsoft.Extensions.Time.Testing;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>The file is removed or replaced while it is open: nothing is acknowledged that no one will find.</summary>
public sealed class MovedFileTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task After_the_folder_is_removed_every_commit_and_every_read_fails_and_no_file_is_created()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        Directory.Delete(Path.GetDirectoryName(folder.Path)!, recursive: true);

        for (var time = 0; time < 3; time++) await AssertUnusableAsync(store);
        Assert.False(Directory.Exists(Path.GetDirectoryName(folder.Path)!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    public async Task What_was_removed_a_moment_ago_is_detected_by_the_next_commit(string suffix)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux reports it at once.");
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        await CommitAsync(store, Of("a", ExpectedVersion.Any));
        File.Delete(folder.Path + suffix);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
    }

    [Fact]
    public async Task A_folder_that_was_moved_a_moment_ago_is_detected_by_the_next_read_and_the_next_commit()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux reports it at once.");
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        var (data, away) = (Path.GetDirectoryName(folder.Path)!, Path.Combine(folder.Root, "away"));
        for (var turn = 0; turn < 3; turn++)
        {
            await CommitAsync(store, Of("a", ExpectedVersion.Any));
            Directory.Move(data, away);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => HeadAsync(store, "a"));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
            Directory.Move(away, data);
        }
    }

    [Fact]
    public async Task A_path_that_is_a_link_to_the_file_is_used_like_the_file()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        await CommitAsync(await folder.OpenAsync(), Of("a", ExpectedVersion.NoStream));
        var link = Path.Combine(folder.Root, "link.db");
        File.CreateSymbolicLink(link, folder.Path);
        var options = folder.Options();
        options.Path = link;

        var store = await folder.OpenAsync(new SqliteEventStore(options, time: _time));
        Assert.Equal(2, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(1))))).Version.Value);
        File.Delete(folder.Path);
        _time.Advance(SqliteDatabase.CheckValidity);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
    }

    [Theory]
    [InlineData("granary.db")]
    [InlineData("other.db")]
    public async Task A_link_that_leads_up_from_where_another_link_leads_is_followed_as_the_system_does(string name)
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        await CommitAsync(await folder.OpenAsync(), Of("a", ExpectedVersion.NoStream));
        var inner = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(folder.Path)!, "inner"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "elsewhere"), inner.FullName);
        var options = folder.Options();
        options.Path = Path.Combine(folder.Root, name);
        File.CreateSymbolicLink(options.Path, "./elsewhere/../granary.db");

        var store = await folder.OpenAsync(new SqliteEventStore(options, time: _time));

        Assert.Equal(2, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(1))))).Version.Value);
    }

    [Fact]
    public async Task A_folder_that_is_a_link_and_then_leads_to_another_store_is_used_as_it_was()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        await using var elsewhere = new SqliteFolder();
        var other = await elsewhere.OpenAsync();
        await CommitAsync(other, Of("other", ExpectedVersion.NoStream, events: 3));
        var own = await folder.OpenAsync();
        await CommitAsync(own, Of("a", ExpectedVersion.NoStream));
        var link = Path.Combine(folder.Root, "link");
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(folder.Path)!);
        var options = folder.Options();
        options.Path = Path.Combine(link, "granary.db");
        var store = await folder.OpenAsync(new SqliteEventStore(options, time: _time));
        await Assert.ThrowsAsync<IOException>(() => own.BackupAsync(options.Path + "-journal", Token));
        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(elsewhere.Path)!);

        await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(1))));
        Assert.Equal(2, (await HeadAsync(store, "a")).Version.Value);
        Assert.Equal(2, (await ReadLogAsync(store)).Count);
        Assert.Equal(2, (await ReadLogAsync(own)).Count);
        Assert.Equal(3, (await ReadLogAsync(other)).Count);
    }

    [Fact]
    public async Task A_file_that_another_process_created_at_its_path_is_not_used()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        Directory.Delete(Path.GetDirectoryName(folder.Path)!, recursive: true);
        var other = await folder.OpenAsync();
        await CommitAsync(other, Of("other", ExpectedVersion.NoStream));

        await AssertUnusableAsync(store);
        Assert.Equal("other", Assert.Single(await ReadLogAsync(other)).Stream.Key);
    }

    [Fact]
    public async Task A_backup_that_is_copied_to_its_path_while_it_is_open_is_not_used()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        var backup = Path.Combine(folder.Root, "backup.db");
        await store.BackupAsync(backup, Token);
        await CommitAsync(store, Of("a", ExpectedVersion.Any));
        File.Move(backup, folder.Path, overwrite: true);

        await AssertUnusableAsync(store);
    }

    [Fact]
    public async Task What_a_read_has_detected_no_commit_ignores()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        _time.Advance(SqliteDatabase.CheckValidity);
        await CommitAsync(store, Of("a", ExpectedVersion.Any));
        Directory.Delete(Path.GetDirectoryName(folder.Path)!, recursive: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => HeadAsync(store, "a"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
    }

    [Fact]
    public void A_check_that_began_before_a_move_was_detected_does_not_count_after_it()
    {
        SkipOnWindows();
        var root = Directory.CreateTempSubdirectory("granary-moved-").FullName;
        var (data, away) = (Path.Combine(root, "data"), Path.Combine(root, "away"));
        var time = new HookedTime();
        using var database = new SqliteDatabase(
            new SqliteStoreOptions { Path = Path.Combine(data, "granary.db") }, time);
        database.Create(static _ => { });
        using (var session = database.OpenReader())
        {
            time.Next = () =>
            {
                Directory.Move(data, away);
                Assert.Throws<StoreUnavailableException>(() => database.ThrowIfMoved(session));
                Directory.Move(away, data);
            };
            database.ThrowIfMoved(session);
            Assert.Null(time.Next);
            Directory.Move(data, away);

            Assert.Throws<StoreUnavailableException>(() => database.ThrowIfMoved(session));
        }

        database.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_file_that_is_removed_between_the_check_and_the_commit_is_detected_before_it_is_acknowledged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux reports it at once.");
        var root = Directory.CreateTempSubdirectory("granary-moved-").FullName;
        var path = Path.Combine(root, "granary.db");
        var time = new HookedTime();
        using (var database = new SqliteDatabase(new SqliteStoreOptions { Path = path }, time))
        {
            database.Create(static _ => { });
            using var session = database.OpenWriter();
            Assert.True(session.Write(static _ => true));

            // An earlier check counts, and the file goes while its time stamp is looked at.
            time.Next = () => File.Delete(path);
            Assert.Throws<StoreUnavailableException>(() => session.Write(static _ => true));
            Assert.Null(time.Next);
        }

        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task A_folder_that_is_put_back_is_used_again()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        var (data, away) = (Path.GetDirectoryName(folder.Path)!, Path.Combine(folder.Root, "away"));
        Directory.Move(data, away);
        await AssertUnusableAsync(store);

        Directory.Move(away, data);

        Assert.Equal(4, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(3))))).Version.Value);
        Assert.Equal(4, (await ReadAsync(store, "a")).Count);
    }

    [Theory, InlineData("-wal"), InlineData("-shm")]
    public async Task Without_its_write_ahead_log_no_commit_is_acknowledged(string suffix)
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        File.Delete(folder.Path + suffix);
        _time.Advance(SqliteDatabase.CheckValidity);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
    }

    [Fact]
    public async Task A_writer_that_is_opened_again_creates_no_file()
    {
        SkipOnWindows();
        await using var folder = new SqliteFolder();
        var store = await FilledAsync(folder);
        await store.Writer.UseAsync(static session => session.Execute("PRAGMA query_only = 1"), Token);
        await Assert.ThrowsAsync<StoreReadOnlyException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
        File.Delete(folder.Path);
        _time.Advance(SqliteDatabase.CheckValidity);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));
        Assert.False(File.Exists(folder.Path));
    }

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not remove a file that is open.");

    private async Task<SqliteEventStore> FilledAsync(SqliteFolder folder)
    {
        var store = await folder.OpenAsync(new SqliteEventStore(folder.Options(), time: _time));
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        Assert.Equal(3, (await ReadAsync(store, "a")).Count);
        return store;
    }

    private async Task AssertUnusableAsync(SqliteEventStore store)
    {
        _time.Advance(SqliteDatabase.CheckValidity);
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => CommitAsync(store, Of("a", ExpectedVersion.Any)));
        Assert.Contains("was removed, renamed or replaced", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => HeadAsync(store, "a"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => ReadLogAsync(store));
    }

    /// <summary>A clock that stands still and runs an action when the next time stamp is taken.</summary>
    private sealed class HookedTime : TimeProvider
    {
        public Action? Next { get; set; }

        public override long GetTimestamp()
        {
            var next = Next;
            Next = null;
            next?.Invoke();
            return 1;
        }
    }
}
