using Npgsql;

namespace Granary.Tests.Integration;

/// <summary>A new, empty database of a test's own, gone afterwards.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly string _name;

    private PostgresDatabase(string name)
    {
        _name = name;
        ConnectionString = With(builder => builder.Database = name);
    }

    public string ConnectionString { get; }

    /// <summary>Creates one; skips the test where there is no server.</summary>
    public static async Task<PostgresDatabase> CreateAsync()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        var database = new PostgresDatabase($"test_{Uuid7.New(TimeProvider.System):n}");
        await ExecuteAsync(PostgresServer.ConnectionString, $"create database {database._name}");
        return database;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The connection string with some of its parts changed.</summary>
    public string As(string user) => With(builder => (builder.Database, builder.Username) = (_name, user));

    public async ValueTask DisposeAsync() =>
        await ExecuteAsync(PostgresServer.ConnectionString, $"drop database {_name} with (force)");

    private static string With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(PostgresServer.ConnectionString);
        change(builder);
        return builder.ConnectionString;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
