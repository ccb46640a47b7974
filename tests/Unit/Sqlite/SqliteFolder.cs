using System.Text;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>A folder with a database file for one test, and the stores opened on it.</summary>
internal sealed class SqliteFolder : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-");
    private readonly List<SqliteEventStore> _stores = [];

    public string Root => _folder.FullName;

    public string Path => System.IO.Path.Combine(Root, "data", "granary.db");

    public string WalPath => Path + "-wal";

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public SqliteStoreOptions Options(int partitions = 1, int flush = 50_000) => new()
    {
        Path = Path, PartitionCount = partitions, IndexFlushEvents = flush, BusyTimeoutMs = 60_000,
    };

    public Task<SqliteEventStore> OpenAsync(int partitions = 1, int flush = 50_000) =>
        OpenAsync(new SqliteEventStore(Options(partitions, flush)));

    public async Task<SqliteEventStore> OpenAsync(SqliteEventStore store)
    {
        _stores.Add(store);
        await store.InitializeAsync(Token);
        return store;
    }

    public static Append Of(string key, ExpectedVersion expected, int events = 1, string data = "{\"n\":1}") =>
        new(
            new StreamName("test", key), expected, new AppendId(Guid.CreateVersion7(Noon)),
            [.. Enumerable.Range(0, events).Select(_ =>
                new NewEvent(Guid.CreateVersion7(Noon), "happened", Encoding.UTF8.GetBytes(data)))]);

    public static Append Clear(string key) =>
        Append.Clear(new("test", key), ExpectedVersion.Any, new(Guid.CreateVersion7(Noon)));

    public static async Task<AppendResult> CommitAsync(IEventStore store, Append append) =>
        await store.CommitAsync(append, Noon, Token);

    public static async Task<StreamHead> HeadAsync(IEventStore store, string key) =>
        await store.ReadHeadAsync(new("test", key), Token);

    public static async Task<IReadOnlyList<RecordedEvent>> ReadAsync(IEventStore store, string key, long after = 0) =>
        (await store.ReadStreamForwardAsync(new StreamName("test", key), new(after), int.MaxValue, Token)).Events;

    public static async Task<IReadOnlyList<RecordedEvent>> ReadLogAsync(IEventStore store, int partition = 0) =>
        (await store.ReadLogForwardAsync(LogPosition.StartOf(new(partition)), int.MaxValue, Token)).Events;

    /// <summary>Waits until the write-ahead log is truncated, which each store does once after it starts.</summary>
    public static async Task SettleAsync(SqliteEventStore store)
    {
        do await store.Maintenance.RunDueMaintenanceAsync();
        while (store.Maintenance.MustTruncate && !Token.IsCancellationRequested);
    }

    /// <summary>How many rows the store's writer has inserted, changed and deleted meanwhile.</summary>
    public static async Task<long> RowsOfAsync(SqliteEventStore store, Func<Task> write)
    {
        var before = await ChangesAsync();
        await write();
        return await ChangesAsync() - before;

        async Task<long> ChangesAsync()
        {
            var changes = 0L;
            await store.Writer.UseAsync(session => changes = session.Scalar("SELECT total_changes()"), Token);
            return changes;
        }
    }

    /// <summary>Opens a connection that keeps the pages' checksums right, as a process of Granary does.</summary>
    public SqliteConnection Connect()
    {
        ChecksummedFiles.Register();
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False;Vfs={ChecksummedFiles.Name}");
        connection.Open();
        return connection;
    }

    /// <summary>Runs SQL on the file beside the stores.</summary>
    public object? Sql(string sql)
    {
        using var connection = Connect();
        return Run(connection, sql);
    }

    /// <summary>Runs SQL on the file as another program does, without Granary.</summary>
    public object? ForeignSql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return Run(connection, sql);
    }

    /// <summary>
    /// Copies the files as they are now: what a process leaves that is killed now. To be called while no maintenance
    /// is due, which would move pages from one file to the other meanwhile.
    /// </summary>
    public void CopyTo(SqliteFolder other)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(other.Path)!);
        File.Copy(Path, other.Path);
        if (File.Exists(WalPath)) File.Copy(WalPath, other.WalPath);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
