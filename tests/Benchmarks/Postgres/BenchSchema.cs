using Granary.Tests;
using Npgsql;

namespace Granary.Benchmarks;

/// <summary>A candidate's own schema in the server's database. Disposing drops it with all that is in it.</summary>
internal sealed class BenchSchema : IAsyncDisposable
{
    public string Name { get; } = $"bench_{Uuid7.New(TimeProvider.System):n}";

    /// <summary>A connection string with which names without a schema are looked up in this one.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(PostgresServer.ConnectionString)
    {
        SearchPath = Name,
    }.ConnectionString;

    public Task CreateAsync() => Server.RunAsync($"CREATE SCHEMA {Name}");

    public Task<long> CountAsync(string table) => Server.ReadAsync<long>($"SELECT count(*) FROM {Name}.{table}");

    /// <summary>The bytes of all its tables and indexes.</summary>
    public Task<long> BytesAsync() => Server.ReadAsync<long>($"""
        SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::bigint FROM pg_class c
        WHERE c.relnamespace = '{Name}'::regnamespace AND c.relkind IN ('r', 'i', 't', 'm')
        """);

    public async ValueTask DisposeAsync() => await Server.RunAsync($"DROP SCHEMA IF EXISTS {Name} CASCADE");
}

/// <summary>The server of PostgreSQL that all candidates share, with the settings that it comes with.</summary>
internal static class Server
{
    private const int TimeoutSeconds = 1_800;

    private static readonly string[] Settings =
        ["fsync", "synchronous_commit", "shared_buffers", "max_wal_size", "data_checksums"];

    /// <summary>What it is, for the description of the machine.</summary>
    public static async Task<string> DescribeAsync()
    {
        var found = new List<string> { await ReadAsync<string>("SHOW server_version") };
        foreach (var one in Settings) found.Add($"{one}={await ReadAsync<string>($"SHOW {one}")}");
        return string.Join(", ", found);
    }

    /// <summary>How many transactions have written something since the server's first; counting is none.</summary>
    public static Task<long> WritesAsync() =>
        ReadAsync<long>("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");

    /// <summary>How many bytes of log it has written since its first.</summary>
    public static Task<long> WalBytesAsync() =>
        ReadAsync<long>("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint");

    public static async Task RunAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ReadAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<NpgsqlConnection> OpenAsync()
    {
        if (PostgresServer.SkipReason is { } reason) throw new InvalidOperationException(reason);
        var connection = new NpgsqlConnection(PostgresServer.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
