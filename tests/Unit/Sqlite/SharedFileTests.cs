using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>What one process reads of what others write to the file, and what that costs.</summary>
public sealed class SharedFileTests
{
    [Fact]
    public async Task A_lock_that_is_not_released_in_time_drops_nothing_that_is_known_of_the_file()
    {
        await using var folder = new SqliteFolder();
        var options = folder.Options();
        options.BusyTimeoutMs = 1;
        var store = await folder.OpenAsync(new SqliteEventStore(options));
        for (var at = 0; at < 5; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any));
        await using (var other = folder.Connect())
        {
            using var writing = other.BeginTransaction();
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(
                () => CommitAsync(store, Of("a", ExpectedVersion.Any)));
            Assert.Contains("is locked by another process", error.Message, StringComparison.Ordinal);
            Assert.Equal((5, 5), (store.IndexOf(0).Unflushed.Through, store.IndexOf(0).Unflushed.Count));
        }

        Assert.Equal(6, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(5))))).Version.Value);
    }

    [Fact]
    public async Task A_failed_write_drops_nothing_that_is_known_of_the_file()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        for (var at = 0; at < 5; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any));
        await store.Writer.UseAsync(static session => session.Execute("PRAGMA query_only = 1"), Token);

        await Assert.ThrowsAsync<StoreReadOnlyException>(() => CommitAsync(store, Of("a", ExpectedVersion.Any)));

        Assert.Equal((5, 5), (store.IndexOf(0).Unflushed.Through, store.IndexOf(0).Unflushed.Count));
        Assert.Equal(6, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(5))))).Version.Value);
    }

    [Fact]
    public async Task A_lot_that_another_process_appended_is_read_before_the_file_is_locked()
    {
        await using var folder = new SqliteFolder();
        var (store, other) = (await folder.OpenAsync(), await folder.OpenAsync());
        for (var at = 0; at < 11; at++) await CommitAsync(other, Of("a", ExpectedVersion.Any, events: 1_000));
        var batch = new AppendBatch(default, Noon, [Of("a", ExpectedVersion.Exactly(new(11_000)))]);
        await store.Writer.UseAsync(
            session =>
            {
                var commit = new CommitTransaction(store.IndexOf(0), store.Names);
                Assert.False(session.Write(writing => commit.TryRun(writing, batch)));
            },
            Token);
        Assert.Equal(0, store.IndexOf(0).Unflushed.Through);

        await store.CommitAsync(batch, Token);

        Assert.Equal((AppendOutcome.Appended, 11_001), (batch.Results[0].Outcome, batch.Results[0].Version.Value));
    }

    [Fact]
    public async Task A_commit_ends_where_another_process_appends_a_lot_whenever_the_file_is_not_locked()
    {
        const int RoundsMax = 5;
        await using var folder = new SqliteFolder();
        var options = folder.Options();
        options.BusyTimeoutMs = 0;
        var (store, other) = (await folder.OpenAsync(), await folder.OpenAsync(new SqliteEventStore(options)));
        await SettleAsync(store);
        await SettleAsync(other);
        Assert.True(AppendALot(other));
        var appended = new List<bool>();
        store.IndexOf(0).CaughtUp += (_, _) => appended.Add(appended.Count < RoundsMax && AppendALot(other));

        var result = await CommitAsync(store, Of("b", ExpectedVersion.NoStream));

        Assert.Equal([true, false], appended);
        Assert.Equal(22_001, result.Position.Position.Value);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_process_that_only_reads_drops_what_another_has_flushed()
    {
        await using var folder = new SqliteFolder();
        var (reader, writer) = (await folder.OpenAsync(flush: 5), await folder.OpenAsync());
        await ReadAfterEachCommitAsync(reader, writer);

        // No other process has flushed: it does so itself, by its own maintenance.
        while (reader.IndexOf(0).Unflushed.Count >= 5)
            await reader.ReadHeadAsync(new("test", "a"), TestContext.Current.CancellationToken);

        // The flush in flight has begun; this waits for its end.
        await reader.Maintenance.RunDueMaintenanceAsync();
        Assert.NotEqual(0L, folder.Sql("SELECT count(*) FROM heads"));
        Assert.Equal(100, (await ReadAsync(reader, "a")).Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_another_process_has_flushed_is_not_written_again()
    {
        await using var folder = new SqliteFolder();
        var (reader, writer) = (await folder.OpenAsync(), await folder.OpenAsync());
        await ReadAfterEachCommitAsync(reader, writer);
        await writer.Maintenance.FlushAsync(writer.IndexOf(0));

        // Both truncate the write-ahead log once after they start, which changes the file too.
        foreach (var store in (SqliteEventStore[])[reader, writer])
        {
            do await store.Maintenance.RunDueMaintenanceAsync();
            while (store.Maintenance.MustTruncate && !TestContext.Current.CancellationToken.IsCancellationRequested);
        }

        using var watching = folder.Connect();
        var version = Version(watching);

        await reader.Maintenance.FlushAsync(reader.IndexOf(0));

        Assert.Equal((version, 0), (Version(watching), reader.IndexOf(0).Unflushed.Count));
        Assert.Equal(100, (await ReadAsync(reader, "a")).Count);
    }

    [Fact]
    public async Task Names_and_types_are_cached_within_a_bound()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var type = new string('t', 200);
        for (var at = 0; at < 40; at++)
        {
            var batch = new AppendBatch(default, Noon, [.. Enumerable.Range(at * 500, 500).Select(name => new Append(
                new("test", "one"), ExpectedVersion.Any, new(Guid.CreateVersion7(Noon)),
                [new NewEvent(Guid.CreateVersion7(Noon), type + name, "1"u8.ToArray())]))]);
            await store.CommitAsync(batch, Token);
        }

        Assert.Equal(20_000L, folder.Sql("SELECT count(*) FROM types"));
        Assert.InRange(store.Names.Count, 1, 10_000);
    }

    [Fact]
    public void A_cache_stays_within_its_bound_and_keeps_what_is_used()
    {
        var cache = new GenerationCache<int, string>(bytesMax: 1_000, static (_, value) => value.Length);
        for (var at = 1; at <= 10_000; at++)
        {
            cache.Add(at, new string('x', 10));
            if (at > 1) Assert.True(cache.TryGet(1, out _));
            Assert.InRange(cache.Count, 1, 100);
        }

        Assert.False(cache.TryGet(2, out _));
    }

    // False where the file is locked.
    private static bool AppendALot(SqliteEventStore store)
    {
        var appends = Enumerable.Range(0, 11).Select(_ => Of("a", ExpectedVersion.Any, events: 1_000));
        var commit = store.CommitAsync(new AppendBatch(default, Noon, [.. appends]), CancellationToken.None).AsTask();
        ((IAsyncResult)commit).AsyncWaitHandle.WaitOne();
        return commit.Exception is null;
    }

    private static long Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }

    private static async Task ReadAfterEachCommitAsync(SqliteEventStore reader, SqliteEventStore writer)
    {
        for (var at = 1; at <= 100; at++)
        {
            await CommitAsync(writer, Of("a", ExpectedVersion.Any));
            Assert.Equal(at, (await HeadAsync(reader, "a")).Version.Value);
        }
    }
}
