using System.Text;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>A folder with a database file of a test's own, and the stores opened on it.</summary>
internal sealed class SqliteFolder : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-");
    private readonly List<SqliteEventStore> _stores = [];

    public string Path => System.IO.Path.Combine(_folder.FullName, "data", "granary.db");

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<SqliteEventStore> OpenAsync(int partitions = 1, int flush = 50_000)
    {
        var store = new SqliteEventStore(new SqliteStoreOptions
        {
            Path = Path, PartitionCount = partitions, IndexFlushEvents = flush, BusyTimeoutMs = 60_000,
        });
        _stores.Add(store);
        await store.InitializeAsync(Token);
        return store;
    }

    public static Append Of(string key, ExpectedVersion expected, int events = 1, string data = "{\"n\":1}") =>
        new(
            new StreamName("test", key), expected, new AppendId(Guid.CreateVersion7(Noon)),
            [.. Enumerable.Range(0, events).Select(_ =>
                new NewEvent(Guid.CreateVersion7(Noon), "happened", Encoding.UTF8.GetBytes(data)))]);

    public static async Task<AppendResult> CommitAsync(IEventStore store, Append append) =>
        await store.CommitAsync(append, Noon, Token);

    public static async Task<IReadOnlyList<RecordedEvent>> ReadAsync(IEventStore store, string key, long after = 0) =>
        (await store.ReadStreamForwardAsync(new StreamName("test", key), new(after), int.MaxValue, Token)).Events;

    public static async Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(IEventStore store) =>
        (await store.ReadLogForwardAsync(LogPosition.StartOf(default), int.MaxValue, Token)).Events;

    /// <summary>Works on the file behind the stores' back.</summary>
    public object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
