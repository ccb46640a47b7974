using Granary.Storage.Sqlite;

namespace Granary.Benchmarks;

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
