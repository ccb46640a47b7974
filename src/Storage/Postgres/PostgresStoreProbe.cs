using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>Looks at a schema before it is opened as a store.</summary>
internal static class PostgresStoreProbe
{
    /// <summary>How many partitions a store has; null where the schema holds none. Nothing is changed.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached.</exception>
    public static async Task<int?> FindPartitionCountAsync(
        PostgresStoreOptions options, CancellationToken cancellationToken)
    {
        var database = new PostgresDatabase(options);
        await using (database.ConfigureAwait(false))
        {
            return await database.UseAsync(
                async (connection, token) =>
                {
                    var isThere = await ScalarAsync(
                        connection, $"SELECT to_regclass('{options.Schema}.store') IS NOT NULL", token)
                        .ConfigureAwait(false);
                    if (isThere is not true) return (int?)null;
                    return await ScalarAsync(
                        connection, $"SELECT partition_count FROM {options.Schema}.store", token)
                        .ConfigureAwait(false) as int?;
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the schema's name is one: it becomes part of statements.</summary>
    public static bool HasSchemaName(this PostgresStoreOptions options)
    {
        var name = options.Schema;
        return name.Length is > 0 and <= 63 && !char.IsAsciiDigit(name[0])
            && name.All(static one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one == '_');
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
