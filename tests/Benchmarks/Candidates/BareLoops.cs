using System.Diagnostics;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Benchmarks;

/// <summary>One thread that repeats one action.</summary>
internal static class BareLoop
{
    public static Task<Outcome> RunAsync(Load load, Action once) =>
        Task.Factory.StartNew(() => Run(load, once), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static Outcome Run(Load load, Action once)
    {
        var latencies = load.Latencies ? new Latencies() : null;
        var most = load.CommandsEach ?? int.MaxValue;
        var duration = load.CommandsEach is null ? load.Duration : TimeSpan.MaxValue;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var (done, elapsed) = (0L, TimeSpan.Zero);
        for (var last = start; done < most && elapsed < duration; done++)
        {
            once();
            var now = Stopwatch.GetTimestamp();
            latencies?.Add(now - last);
            last = now;
            elapsed = Stopwatch.GetElapsedTime(start, now);
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Outcome(done, done * load.EventsEach, elapsed, allocated, latencies);
    }
}

/// <summary>A bare loop that appends to a file and syncs it: the limit that the disk sets.</summary>
internal sealed class FileLoopCandidate : ICandidate
{
    private FileStream? _file;

    public Task StartAsync(string folder)
    {
        _file = new FileStream(
            Path.Combine(folder, "loop.log"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        return Task.CompletedTask;
    }

    public Task<Outcome> RunAsync(Load load)
    {
        var file = _file!;
        var chunk = new byte[load.EventsEach * Noted.Json.Length];
        for (var at = 0; at < load.EventsEach; at++) Noted.Json.CopyTo(chunk, at * Noted.Json.Length);
        return BareLoop.RunAsync(load, () =>
        {
            file.Write(chunk);
            file.Flush(flushToDisk: true);
        });
    }

    public Task<long> CountAsync() => Task.FromResult(new FileInfo(_file!.Name).Length / Noted.Json.Length);

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A bare loop of prepared statements into our schema: as fast as SQLite lets one thread write it.</summary>
internal sealed class SqliteLoopCandidate : ICandidate
{
    private string _path = "";
    private BareInsert? _insert;

    public async Task StartAsync(string folder)
    {
        _path = Path.Combine(folder, "loop.db");
        await using (var store = new SqliteEventStore(new SqliteStoreOptions { Path = _path }))
            await store.InitializeAsync(CancellationToken.None);
        _insert = new BareInsert(_path);
    }

    public Task<Outcome> RunAsync(Load load) => BareLoop.RunAsync(load, () => _insert!.Commit(load.EventsEach));

    public Task<long> CountAsync() => Task.FromResult(SqliteFile.Count(_path, BareInsert.Table));

    public ValueTask DisposeAsync()
    {
        _insert?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// The bare insert into the log's table. Its columns are those of src/Storage/Sqlite/Sql/partition.sql; where these
/// change, this file changes with them.
/// </summary>
internal sealed class BareInsert : IDisposable
{
    public const string Table = "log_0";

    private const int Streams = 1_000;
    private const string Sql =
        $"INSERT INTO {Table} "
        + "(position, stream, version, prev, type, timestamp, id, append_id, checksum, metadata, payload) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _commit;
    private readonly byte[] _id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToByteArray(bigEndian: true);
    private long _position;

    public BareInsert(string path)
    {
        _connection = SqliteFile.Open(path);
        _begin = Prepare("BEGIN IMMEDIATE");
        _insert = Prepare(Sql);
        _commit = Prepare("COMMIT");
    }

    /// <summary>Commits so many events, synced.</summary>
    public void Commit(int events)
    {
        Step(_begin);
        for (var at = 0; at < events; at++) Insert();
        Step(_commit);
    }

    public void Dispose()
    {
        _begin.Dispose();
        _insert.Dispose();
        _commit.Dispose();
        _connection.Dispose();
    }

    private void Insert()
    {
        var position = ++_position;
        raw.sqlite3_bind_int64(_insert, 1, position);
        raw.sqlite3_bind_int64(_insert, 2, 1 + position % Streams);
        raw.sqlite3_bind_int64(_insert, 3, 1 + position / Streams);
        raw.sqlite3_bind_int64(_insert, 4, Math.Max(0, position - Streams));
        raw.sqlite3_bind_int64(_insert, 5, 1);
        raw.sqlite3_bind_int64(_insert, 6, 1_700_000_000_000_000 + position);
        raw.sqlite3_bind_blob(_insert, 7, _id);
        raw.sqlite3_bind_null(_insert, 8);
        raw.sqlite3_bind_int64(_insert, 9, long.MaxValue - position);
        raw.sqlite3_bind_null(_insert, 10);
        raw.sqlite3_bind_blob(_insert, 11, Noted.Json);
        Step(_insert);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_connection.Handle!, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        return code == raw.SQLITE_OK ? statement : throw Failed(code);
    }

    private void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code != raw.SQLITE_DONE) throw Failed(code);
        raw.sqlite3_reset(statement);
    }

    private SqliteException Failed(int code) =>
        new(raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string(), code);
}
