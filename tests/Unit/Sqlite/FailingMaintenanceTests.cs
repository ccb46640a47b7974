using Granary.Storage.Sqlite;
using Microsoft.Extensions.Time.Testing;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

public sealed class FailingMaintenanceTests
{
    private const int FlushEvents = 10;
    private const int Mebibyte = 1024 * 1024;

    private static readonly string Data = $"\"{new string('x', 200_000)}\"";

    [Fact]
    public async Task The_write_ahead_log_stays_bounded_while_the_index_cannot_be_flushed()
    {
        await using var folder = new SqliteFolder();
        var store = await OpenAsync(folder, TimeProvider.System);
        store.Maintenance.TruncateTimeoutMs = 60_000;

        for (var at = 0; at < 60; at++)
        {
            await CommitAsync(store, Of("a", ExpectedVersion.Any, data: Data));
            await Record.ExceptionAsync(store.Maintenance.RunDueMaintenanceAsync);
        }

        Assert.InRange(new FileInfo(folder.WalPath).Length, 0, 2 * Mebibyte);
        Assert.Equal(60, (await HeadAsync(store, "a")).Version.Value);
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM heads"));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_index_is_flushed_later_without_another_event()
    {
        await using var folder = new SqliteFolder();
        var time = new FakeTimeProvider();
        var store = await OpenAsync(folder, time);
        await CommitAsync(store, Of("a", ExpectedVersion.Any, events: 2 * FlushEvents));
        await Record.ExceptionAsync(store.Maintenance.RunDueMaintenanceAsync);
        Assert.Equal(0L, folder.Sql("SELECT count(*) FROM heads"));

        folder.Sql("DROP TRIGGER refused");
        while (folder.Sql("SELECT count(*) FROM heads") is 0L)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    // Its index cannot be flushed as long as the trigger exists.
    private static async Task<SqliteEventStore> OpenAsync(SqliteFolder folder, TimeProvider time)
    {
        var options = folder.Options(flush: FlushEvents);
        options.WalBytesMax = Mebibyte;
        var store = await folder.OpenAsync(new SqliteEventStore(options, time: time));
        await SettleAsync(store);
        folder.Sql("CREATE TRIGGER refused BEFORE INSERT ON heads BEGIN SELECT RAISE(ABORT, 'refused'); END");
        return store;
    }
}
