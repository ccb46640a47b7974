using Npgsql;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A transaction of another process that stays open; it is rolled back where it was not committed.</summary>
internal sealed class HeldTransaction : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private HeldTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_connection, _transaction) = (connection, transaction);

    public static async Task<HeldTransaction> BeginAsync(NpgsqlConnection connection, string sql)
    {
        var held = new HeldTransaction(connection, await connection.BeginTransactionAsync(PostgresData.Token));
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(PostgresData.Token);
        return held;
    }

    public Task CommitAsync() => _transaction.CommitAsync(PostgresData.Token);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
