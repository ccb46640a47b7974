using System.Text;
using Granary.Storage.Postgres;
using Npgsql;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A schema of a test's own, the stores that a test opens on it, and SQL beside them.</summary>
internal sealed class PostgresData : IAsyncDisposable
{
    private readonly List<PostgresEventStore> _stores = [];
    private readonly NpgsqlDataSource _source;
    private int _ids;

    public PostgresData()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        _source = NpgsqlDataSource.Create(PostgresServer.ConnectionString);
    }

    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public string Schema { get; } = $"test_{Uuid7.New(TimeProvider.System):n}";

    public PostgresStoreOptions Options(Action<PostgresStoreOptions>? configure = null)
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = PostgresServer.ConnectionString,
            Schema = Schema,
            PartitionCount = 1,
        };
        configure?.Invoke(options);
        return options;
    }

    /// <summary>A store that is not opened yet.</summary>
    public PostgresEventStore Make(Action<PostgresStoreOptions>? configure = null, TimeProvider? time = null)
    {
        var store = new PostgresEventStore(Options(configure), time: time);
        _stores.Add(store);
        return store;
    }

    /// <summary>Opens the store once more, as another silo.</summary>
    public async Task<PostgresEventStore> OpenAsync(Action<PostgresStoreOptions>? configure = null)
    {
        var store = Make(configure);
        await store.InitializeAsync(Token);
        return store;
    }

    public async Task CloseAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _stores.Clear();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql.Replace("{schema}", Schema, StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync(Token);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql.Replace("{schema}", Schema, StringComparison.Ordinal));
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    /// <summary>The server ends every connection that a store has used on this schema, as a restart does.</summary>
    public Task EndConnectionsAsync() => ExecuteAsync("""
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND query LIKE '%{schema}.%'
        """);

    /// <summary>Begins a transaction that is rolled back when it is disposed.</summary>
    public async Task<NpgsqlConnection> ConnectAsync() => await _source.OpenConnectionAsync(Token);

    public Append Append(string key, ExpectedVersion expected, params string[] texts) => new(
        new StreamName("order", key), expected, new AppendId(NextId()),
        [.. texts.Select(text => new NewEvent(NextId(), "order.changed", Encoding.UTF8.GetBytes(text)))]);

    public Append Clear(string key) =>
        Granary.Append.Clear(new StreamName("order", key), ExpectedVersion.Any, new AppendId(NextId()));

    public static ValueTask<AppendResult> CommitAsync(IEventStore store, Append append) =>
        store.CommitAsync(append, Noon, Token);

    public static async Task<List<RecordedEvent>> ReadAsync(IEventStore store, string key)
    {
        var read = new List<RecordedEvent>();
        await foreach (var recorded in store.ReadStreamAsync(new StreamName("order", key), default, Token))
            read.Add(recorded);
        return read;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await ExecuteAsync("DROP SCHEMA IF EXISTS {schema} CASCADE");
        await _source.DisposeAsync();
    }

    private Guid NextId() => new(Interlocked.Increment(ref _ids), 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);
}

/// <summary>Tests on a schema of their own; skipped where there is no server.</summary>
public abstract class PostgresTest : IAsyncLifetime
{
    internal PostgresData Data { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        Data = new PostgresData();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (Data is not null) await Data.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
