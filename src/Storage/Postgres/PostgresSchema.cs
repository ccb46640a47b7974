using Microsoft.Extensions.Logging;
using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>Creates the schema, or checks the one that is there.</summary>
internal sealed class PostgresSchema(PostgresDatabase database, TimeProvider time, ILogger logger)
{
    private const int Version = 4;
    private const int ServerVersionMin = 14;

    // The functions are made anew by each version, and what it has added to the tables. A function that has other
    // parameters than before leaves the earlier one beside it, for silos of the earlier version that still run. One
    // that returns something else has another name, and the earlier one is made anew too.
    private static readonly string[] Files =
    [
        "snapshots", "append", "epochs", "truncations", "read_stream", "read_log", "index", "streams", "retries",
        "scrub", "checkpoints", "tail", "view", "models",
    ];

    /// <summary>Makes the schema ready and returns the store's id.</summary>
    /// <exception cref="StoreSchemaException">A newer Granary wrote it, or it has other partitions.</exception>
    public Task<Guid> EnsureAsync(CancellationToken cancellationToken) =>
        database.UseAsync(EnsureAsync, cancellationToken);

    private async Task<Guid> EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < ServerVersionMin)
            throw new StoreSchemaException(
                $"{database.Name} is on PostgreSQL {connection.PostgreSqlVersion}; {ServerVersionMin} or later is "
                + "needed.");
        await WarnAsync(connection, "fsync", cancellationToken).ConfigureAwait(false);
        await WarnAsync(connection, "full_page_writes", cancellationToken).ConfigureAwait(false);
        await CheckIsolationAsync(connection, cancellationToken).ConfigureAwait(false);
        await FindPoolerAsync(connection, cancellationToken).ConfigureAwait(false);

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            // Several silos may start at once.
            await RunAsync(connection, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", cancellationToken,
                $"granary schema {database.Options.Schema}").ConfigureAwait(false);
            var isThere = await ScalarAsync(
                connection, "SELECT to_regclass($1) IS NOT NULL", cancellationToken, $"{database.Options.Schema}.store")
                .ConfigureAwait(false);
            if (isThere is not true) await CreateAsync(connection, cancellationToken).ConfigureAwait(false);
            var (version, id) = await CheckAsync(connection, cancellationToken).ConfigureAwait(false);
            if (version < Version) await MigrateAsync(connection, version, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return id;
        }
    }

    private async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // A role that owns the schema need not be allowed to create one.
        var schema = database.Options.Schema;
        if (await ScalarAsync(connection, "SELECT to_regnamespace($1) IS NULL", cancellationToken, schema)
            .ConfigureAwait(false) is true)
            await RunAsync(connection, $"CREATE SCHEMA {schema}", cancellationToken).ConfigureAwait(false);
        foreach (var file in Files.Prepend("schema"))
            await RunAsync(connection, database.Sql(file), cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, database.Sql("new_store"), cancellationToken,
            Version, database.Options.PartitionCount, Uuid7.New(time)).ConfigureAwait(false);
        logger.Created(database.Name);
    }

    private async Task MigrateAsync(NpgsqlConnection connection, int version, CancellationToken cancellationToken)
    {
        foreach (var file in Files.Append("earlier"))
            await RunAsync(connection, database.Sql(file), cancellationToken).ConfigureAwait(false);
        var sql = $"UPDATE {database.Options.Schema}.store SET version = $1";
        await RunAsync(connection, sql, cancellationToken, Version).ConfigureAwait(false);
        logger.Migrated(database.Name, version, Version);
    }

    private async Task<(int Version, Guid Id)> CheckAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"SELECT version, partition_count, id FROM {database.Options.Schema}.store", connection);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    throw new StoreCorruptException(
                        $"{database.Name} does not say what it is: the row of its table store is missing. Restore the "
                        + "database from a backup.");
                if (reader.GetInt32(0) > Version)
                    throw new StoreSchemaException(
                        $"{database.Name} has schema version {reader.GetInt32(0)}; this version of Granary knows "
                        + $"{Version}. Use the version that wrote it, or a later one.");
                if (reader.GetInt32(1) != database.Options.PartitionCount)
                    throw new StoreSchemaException(
                        $"{database.Name} has {reader.GetInt32(1)} partition(s), and "
                        + $"{nameof(PostgresStoreOptions)}.{nameof(PostgresStoreOptions.PartitionCount)} is "
                        + $"{database.Options.PartitionCount}. The number is fixed when the store is created.");
                return (reader.GetInt32(0), reader.GetGuid(2));
            }
        }
    }

    private async Task WarnAsync(NpgsqlConnection connection, string setting, CancellationToken cancellationToken)
    {
        var value = await ScalarAsync(connection, "SELECT current_setting($1)", cancellationToken, setting)
            .ConfigureAwait(false);
        if (value is "off") logger.NotDurable(setting, database.Name);
    }

    // What has waited for a lock must see what was committed meanwhile; the functions check it too.
    private async Task CheckIsolationAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string setting = "default_transaction_isolation";
        var value = await ScalarAsync(connection, "SELECT current_setting($1)", cancellationToken, setting)
            .ConfigureAwait(false);
        if (value is "read committed" or "read uncommitted") return;
        throw new StoreSchemaException(
            $"{database.Name} is used with {setting} {value}. Set it to read committed for the role that Granary has: "
            + $"ALTER ROLE ... SET {setting} = 'read committed'.");
    }

    // A pooler answers with a number of its own where the server would name its process.
    private async Task FindPoolerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var process = await ScalarAsync(connection, "SELECT pg_backend_pid()", cancellationToken).ConfigureAwait(false);
        database.IsDirect = process is int number && number == connection.ProcessID;
        if (!database.IsDirect) logger.Pooled(database.Name);
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] arguments)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments) command.Parameters.Add(new NpgsqlParameter { Value = argument });
        await using (command.ConfigureAwait(false))
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Task RunAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] arguments) =>
        ScalarAsync(connection, sql, cancellationToken, arguments);
}
