using System.Diagnostics;
using Granary.Storage.Sqlite;

namespace Granary.Benchmarks;

/// <summary>One thread that does one thing over and over.</summary>
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

/// <summary>A bare loop that appends to a file and syncs it: what the disk gives.</summary>
internal sealed class FileLoopContestant : IContestant
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
internal sealed class SqliteLoopContestant : IContestant
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
