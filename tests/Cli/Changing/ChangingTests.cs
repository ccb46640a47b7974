namespace Granary.Tests.Cli;

/// <summary>The commands that remove something, and backup.</summary>
public sealed class ChangingTests : IAsyncLifetime
{
    private static readonly StreamName Stream = new("orders", "1");

    private readonly StoreFolder _folder = new();
    private string _store = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = _folder.New("sqlite");
        await using var store = await StoreFolder.OpenAsync(_store);
        await new History(store, 1, streams: 2).WriteAsync(40, clears: false);
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task A_stream_is_deleted_at_the_version_that_is_expected()
    {
        var version = (await HeadAsync()).Version.Value;
        using var wrong = await TestIo.RunAsync(
            ExitCodes.Found, "delete", "orders/1", "-s", _store, "--expected-version", $"{version - 1}", "--yes");
        Assert.Contains($"is at version {version}", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(version, (await HeadAsync()).Version.Value);

        using var done = await TestIo.RunAsync(
            0, "delete", "orders/1", "-s", _store, "--expected-version", $"{version}", "--yes");

        Assert.Equal(0, (await HeadAsync()).Version.Value);
        using var verified = await TestIo.RunAsync(0, "verify", _store);
        using var again = await TestIo.RunAsync(ExitCodes.Found, "delete", "orders/1", "-s", _store, "--yes");
    }

    [Theory]
    [InlineData("no\n", false)]
    [InlineData("", false)]
    [InlineData("yes\n", true)]
    public async Task It_is_asked_first(string answer, bool isDeleted)
    {
        using var io = new TestIo(answer, isTerminal: true);
        await io.RunAsync(["delete", "orders/1", "-s", _store], isDeleted ? ExitCodes.Done : ExitCodes.Found);

        Assert.Contains("are deleted", io.Error, StringComparison.Ordinal);
        Assert.Equal(isDeleted, (await HeadAsync()).Version == StreamVersion.Zero);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_nothing_is_deleted()
    {
        using var io = await TestIo.RunAsync(ExitCodes.Usage, "delete", "orders/1", "-s", _store);

        Assert.Contains("--yes", io.Error, StringComparison.Ordinal);
        Assert.NotEqual(StreamVersion.Zero, (await HeadAsync()).Version);
    }

    [Fact]
    public async Task A_stream_is_truncated_where_a_snapshot_covers_it_and_no_reader_lags()
    {
        string[] truncate = ["truncate", "orders/1", "--before", "5", "-s", _store, "--yes"];
        using var without = await TestIo.RunAsync(ExitCodes.Found, truncate);
        Assert.Contains("no snapshot", without.Error, StringComparison.Ordinal);
        await using (var store = await StoreFolder.OpenAsync(_store))
            await new History(store, 1).SnapshotAsync(Stream, 4);
        using var early = await TestIo.RunAsync(ExitCodes.Found, truncate);
        Assert.Contains("It has those of versions 4.", early.Error, StringComparison.Ordinal);
        await using (var store = await StoreFolder.OpenAsync(_store))
        {
            await new History(store, 1).SnapshotAsync(Stream, 5);
            await store.Checkpoints.AdvanceAsync(new("totals", new(0), default, new(1), 1), Token);
        }

        using var lagging = await TestIo.RunAsync(ExitCodes.Found, truncate);
        Assert.Contains("totals at 1", lagging.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await HeadAsync()).First.Value);
        await using (var store = await StoreFolder.OpenAsync(_store))
            await store.Checkpoints.AdvanceAsync(new("totals", new(0), new(1), new(40), 1), Token);

        using var done = await TestIo.RunAsync(0, truncate);
        using var again = await TestIo.RunAsync(0, truncate);

        Assert.Equal(5, (await HeadAsync()).First.Value);
        Assert.Contains("begins at version 5 already", again.Error, StringComparison.Ordinal);
        using var verified = await TestIo.RunAsync(0, "verify", _store);
        using var read = await TestIo.RunAsync(0, "read", "orders/1", "-s", _store);
        Assert.Contains("begins at version 5", read.Error, StringComparison.Ordinal);
        using var before = await TestIo.RunAsync(ExitCodes.Found, "read", "orders/1", "-s", _store, "--after", "2");
        Assert.Contains("was removed", before.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCodes.Usage, "at least 2", "1")]
    [InlineData(ExitCodes.Found, "no version 999", "999")]
    public async Task A_version_that_is_none_is_refused(int code, string message, string before)
    {
        using var io = await TestIo.RunAsync(code, "truncate", "orders/1", "--before", before, "-s", _store, "--yes");

        Assert.Contains(message, io.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_is_made_while_the_store_is_open()
    {
        var backup = Path.Combine(_folder.Path, "backup.db");
        await using (var store = await StoreFolder.OpenAsync(_store))
        {
            using var io = await TestIo.RunAsync(0, "backup", _store, "--output", backup);
            Assert.Contains("is a backup of", io.Output, StringComparison.Ordinal);
            await using var copy = await StoreFolder.OpenAsync(backup);
            await Stores.AssertLogsAsync(store, copy);
        }

        using var again = await TestIo.RunAsync(ExitCodes.Unavailable, "backup", _store, "--output", backup);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_PostgreSQL_the_command_is_printed_without_the_password()
    {
        using var io = await TestIo.RunAsync(
            0, "backup", "postgres://ada:hush%40@db:5433/shop%20log?schema=events", "-o", "it's.dump");

        Assert.Equal(
            "pg_dump --format=custom --schema=events --file='it'\\''s.dump' --host=db --port=5433 --username=ada "
            + "--dbname='shop log'\n", io.Output);
        Assert.DoesNotContain("hush", io.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://shop.table.core.windows.net/events",
        "granary copy --from https://shop.table.core.windows.net/events --to b.db\n", "while silos write:")]
    [InlineData("https://shop.table.core.windows.net/events?sv=1&sig=hush", "granary copy --to b.db\n", "GRANARY_FROM")]
    [InlineData("azure:AccountName=shop;AccountKey=aHVzaA==;Table=events", "granary copy --to b.db\n", "GRANARY_FROM")]
    public async Task For_a_storage_account_the_copy_is_printed_without_its_secrets(
        string store, string command, string note)
    {
        using var io = await TestIo.RunAsync(0, "backup", store, "-o", "b.db");

        Assert.Equal(command, io.Output);
        Assert.Contains(note, io.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", io.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("aHVzaA", io.Error, StringComparison.Ordinal);
    }

    private async Task<StreamHead> HeadAsync()
    {
        await using var store = await StoreFolder.OpenAsync(_store);
        return await store.Events.ReadHeadAsync(Stream, Token);
    }
}
