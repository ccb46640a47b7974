using System.Diagnostics.Metrics;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

public sealed class WriteAheadLogTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly string Data = $"\"{new string('x', 200_000)}\"";

    [Fact]
    public async Task While_there_is_always_a_reader_it_stays_bounded()
    {
        await using var folder = new SqliteFolder();
        var store = await OpenAsync(folder);
        await SettleAsync(store);
        store.Maintenance.TruncateTimeoutMs = 60_000;
        var reader = new ReaderInTurns(store);

        var largest = 0L;
        for (var at = 0; at < 100; at++)
        {
            // What an earlier commit made due may be done now, and waits for the readers.
            await reader.RunBesideAsync(() => CommitAsync(store, Of("a", ExpectedVersion.Any, data: Data)));

            // It begins in the write-ahead log, which cannot start again while it reads.
            await reader.NextAsync();
            largest = Math.Max(largest, new FileInfo(folder.WalPath).Length);
            await reader.RunBesideAsync(store.Maintenance.RunDueMaintenanceAsync);
        }

        await reader.EndAsync();
        Assert.InRange(largest, Mebibyte, 3 * Mebibyte);
    }

    [Fact]
    public async Task A_reader_that_stays_lets_it_grow_and_it_is_truncated_when_the_reader_has_ended()
    {
        await using var folder = new SqliteFolder();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var store = await OpenAsync(folder, meters);
        await CommitAsync(store, Of("a", ExpectedVersion.Any, data: Data));

        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        var reading = store.Readers.ReadAsync(
            session =>
            {
                var last = session.Logs[0].LastPosition();
                inside.SetResult();
                release.Wait(Token);
                return last;
            },
            Token);
        await inside.Task;
        await FillAsync(store);
        await store.Maintenance.RunDueMaintenanceAsync();
        Assert.True(Measured(meters) > 4 * Mebibyte);
        Assert.Equal(new FileInfo(folder.WalPath).Length, Measured(meters));

        release.Set();
        Assert.Equal(1, await reading);
        await FillAsync(store);
        await store.Maintenance.RunDueMaintenanceAsync();
        Assert.InRange(Measured(meters), 0, 2 * Mebibyte);
        Assert.Equal(61, (await HeadAsync(store, "a")).Version.Value);
    }

    [Fact]
    public async Task A_checkpoint_moves_what_other_processes_wrote_too()
    {
        await using var folder = new SqliteFolder();
        var (store, other) = (await OpenAsync(folder), await folder.OpenAsync());
        await SettleAsync(store);
        await SettleAsync(other);
        store.Maintenance.TruncateTimeoutMs = 60_000;
        await FillAsync(other);

        await CommitAsync(store, Of("b", ExpectedVersion.Any, data: $"\"{new string('x', 900_000)}\""));
        await store.Maintenance.RunDueMaintenanceAsync();

        Assert.InRange(new FileInfo(folder.WalPath).Length, 0, 2 * Mebibyte);
    }

    [Fact(Timeout = 60_000)]
    public async Task It_is_truncated_later_where_another_process_runs_a_checkpoint_now()
    {
        await using var folder = new SqliteFolder();
        var (store, other) = (await OpenAsync(folder), await folder.OpenAsync());
        await SettleAsync(store);
        await SettleAsync(other);
        await FillAsync(other);
        await using var writing = folder.Connect();
        await using var checkpointing = folder.Connect();
        await using var transaction = writing.BeginTransaction();
        await using var timeout = checkpointing.CreateCommand();
        timeout.CommandText = "PRAGMA busy_timeout = 60000";
        await timeout.ExecuteNonQueryAsync(Token);

        // It has the lock of a checkpoint, and waits for the writer's. It begins again where the one below has it.
        var checkpoint = Task.Run(
            () =>
            {
                while (Checkpoint(checkpointing, "TRUNCATE") != 0)
                    TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            },
            TestContext.Current.CancellationToken);
        await using (var watching = folder.Connect())
        {
            while (Checkpoint(watching, "PASSIVE") == 0)
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        var large = Of("a", ExpectedVersion.Any, data: $"\"{new string('x', 900_000)}\"");
        store.Maintenance.OnCommitted(store.IndexOf(0), new(default, Noon, [large]), hasCleared: false);
        await store.Maintenance.RunDueMaintenanceAsync();

        var isStillDue = store.Maintenance.MustTruncate;
        await transaction.RollbackAsync(Token);
        await checkpoint;

        Assert.True(isStillDue);
    }

    [Fact]
    public async Task Snapshots_count_towards_its_bound()
    {
        await using var folder = new SqliteFolder();
        var store = await OpenAsync(folder);
        store.Maintenance.TruncateTimeoutMs = 60_000;
        await CommitAsync(store, Of("a", ExpectedVersion.Any));
        var snapshots = new SqliteSnapshotStore(store);

        for (var at = 1; at <= 30; at++)
        {
            await snapshots.WriteSnapshotAsync(
                new Snapshot
                {
                    Stream = new("test", "a"), Version = new(at), Position = new(default, new(at)), Timestamp = Noon,
                    Fingerprint = "f", Checksum = 0, Payload = new byte[300_000],
                },
                Token);
            await store.Maintenance.RunDueMaintenanceAsync();
        }

        Assert.InRange(new FileInfo(folder.WalPath).Length, 0, 2 * Mebibyte);
    }

    [Fact]
    public async Task A_flush_of_many_pages_of_the_index_keeps_its_bound()
    {
        const int Streams = 200_000;
        await using var folder = new SqliteFolder();
        var store = await OpenAsync(folder);
        store.Maintenance.TruncateTimeoutMs = 60_000;
        await SettleAsync(store);
        for (var at = 0; at < Streams; at++)
            store.IndexOf(0).Unflushed.Add(at + 1, new EventAddress(1, at + 1));

        await store.Maintenance.FlushAsync(store.IndexOf(0));

        Assert.Equal((long)Streams, folder.Sql("SELECT count(*) FROM heads"));
        Assert.InRange(new FileInfo(folder.WalPath).Length, 0, 2 * Mebibyte);
    }

    // 1 where another connection has the lock of a checkpoint.
    private static long Checkpoint(SqliteConnection connection, string mode)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint({mode})";
        return (long)command.ExecuteScalar()!;
    }

    // About 6 MiB, several times the bound.
    private static async Task FillAsync(SqliteEventStore store)
    {
        for (var at = 0; at < 30; at++) await CommitAsync(store, Of("a", ExpectedVersion.Any, data: Data));
    }

    private static Task<SqliteEventStore> OpenAsync(SqliteFolder folder, IMeterFactory? meters = null)
    {
        var options = folder.Options();
        options.WalBytesMax = Mebibyte;
        return folder.OpenAsync(new SqliteEventStore(options, meters: meters));
    }

    private static long Measured(IMeterFactory meters)
    {
        var measured = -1L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "granary.sqlite.wal.size" && instrument.Meter.Scope == meters)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    // Each begins its read before the one before it ends, so that there is a reader at any time.
    private sealed class ReaderInTurns(SqliteEventStore store)
    {
        private (Task Reading, TaskCompletionSource End) _last = (Task.CompletedTask, new TaskCompletionSource());

        public async Task NextAsync()
        {
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var reading = store.Readers.ReadAsync(
                session =>
                {
                    var position = session.Logs[0].LastPosition();
                    begun.SetResult();
                    ((IAsyncResult)end.Task).AsyncWaitHandle.WaitOne();
                    return position;
                },
                Token);
            await begun.Task;
            await EndAsync();
            _last = (reading, end);
        }

        // What runs may wait for the readers on the thread that calls it.
        public async Task RunBesideAsync(Func<Task> run)
        {
            var task = Task.Run(run, Token);
            while (!task.IsCompleted) await NextAsync();
            await task;
        }

        public async Task EndAsync()
        {
            _last.End.TrySetResult();
            await _last.Reading;
        }
    }
}
