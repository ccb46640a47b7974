using System.Text;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Unit.Sqlite.Models;

/// <summary>A folder with a file of models for one test, and the stores opened on it.</summary>
internal sealed class ModelFolder : IAsyncDisposable
{
    /// <summary>A table with a column of each kind.</summary>
    public static readonly ModelTable Orders = new(
        "orders",
        [
            .. Enum.GetValues<ModelColumnKind>()
                .Select(static kind => new ModelColumn($"a_{kind}".ToLowerInvariant(), kind)),
        ]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-");
    private readonly List<SqliteModelStore> _stores = [];

    public ModelFolder() => Options = new SqliteStoreOptions { Path = PathOf("granary.db"), BusyTimeoutMs = 60_000 };

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public SqliteStoreOptions Options { get; }

    public string ModelsPath => PathOf("granary-models.db");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Opens a store, as a process of its own does, with a table.</summary>
    public async Task<SqliteModelStore> OpenAsync(SqliteStoreOptions? options = null)
    {
        var store = New(options);
        await store.InitializeAsync(Token);
        await store.CreateTableAsync(Orders, Token);
        return store;
    }

    public SqliteModelStore New(SqliteStoreOptions? options = null)
    {
        var store = new SqliteModelStore(options ?? Options);
        _stores.Add(store);
        return store;
    }

    public static ModelWrite Put(string key, ModelRow? expected = null, params object?[] values) => ModelWrite.Put(
        Orders, key, expected, Encoding.UTF8.GetBytes("""{"total":7}"""),
        [.. values, .. new object?[Orders.Columns.Count - values.Length]]);

    public static ModelAdvance Move(long from, long to) =>
        new(new("reader", default, new(from), new(to), 0), Guid.Empty, Guid.Empty);

    public static async Task<ModelCommitOutcome> CommitAsync(IModelStore store, params ModelWrite[] writes) =>
        await store.CommitAsync(new ModelCommit(writes), Token);

    public static async Task<ModelRow?> FindAsync(IModelStore store, string key) =>
        (await store.ReadAsync(Orders, [key], Token)).SingleOrDefault();

    /// <summary>Opens a connection, as another program does.</summary>
    public SqliteConnection Connect(string? path = null)
    {
        var connection = new SqliteConnection($"Data Source={path ?? ModelsPath};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Runs SQL as another program does: the first column of its rows.</summary>
    public List<object> Sql(string sql, string? path = null)
    {
        using var connection = Connect(path);
        return Run(connection, sql);
    }

    public static List<object> Run(SqliteConnection connection, string sql, int column = 0)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = new List<object>();
        while (reader.Read()) found.Add(reader.GetValue(column));
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
