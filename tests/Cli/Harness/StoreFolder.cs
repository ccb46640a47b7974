using Npgsql;

namespace Granary.Tests.Cli;

/// <summary>Addresses of stores of a test's own: files in a folder, schemas of the test run's
/// database, tables of its account, which ends with it.</summary>
internal sealed class StoreFolder : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _schemas = [];
    private int _count;

    public string Path => _folder.Path;

    /// <summary>The address of a store that is not there yet.</summary>
    public string New(string kind)
    {
        var number = ++_count;
        if (kind == "sqlite") return $"sqlite:{System.IO.Path.Combine(Path, $"store{number}.db")}";
        if (kind == "azure")
        {
            var table = $"cli{Uuid7.New(TimeProvider.System):n}";
            return $"azure:{AzuriteServer.ConnectionString};Table={table}";
        }

        var schema = $"cli_{Uuid7.New(TimeProvider.System):n}";
        _schemas.Add(schema);
        return $"postgres:{PostgresServer.ConnectionString};Schema={schema}";
    }

    /// <summary>Opens a store; it is created where it is not there.</summary>
    public static Task<OpenedStore> OpenAsync(string address, int? partitions = null) =>
        new StoreOpener(TimeProvider.System).OpenOrCreateAsync(
            StoreAddress.Parse(address), partitions, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        if (_schemas.Count == 0) return;
        await using var source = NpgsqlDataSource.Create(PostgresServer.ConnectionString);
        foreach (var schema in _schemas)
        {
            await using var command = source.CreateCommand($"DROP SCHEMA IF EXISTS {schema} CASCADE");
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }
}
