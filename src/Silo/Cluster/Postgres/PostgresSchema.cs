using Npgsql;

namespace Granary.Silo;

/// <summary>
/// The tables and queries that Orleans' providers for databases need: no package has them. They are in a schema of
/// their own, and are created by the silo that starts first.
/// </summary>
internal static class PostgresSchema
{
    public const string Name = "granary_cluster";

    /// <summary>To be raised whenever schema.sql or queries.sql change.</summary>
    public const int Version = 2;

    // Silos that start together create it one after another. The number is of no meaning, and of this use alone.
    private const long Lock = 0x6772_616e_636c;

    /// <summary>Creates what is missing, in one transaction. Where nothing is, it needs no more than to read.</summary>
    /// <exception cref="NpgsqlException">The database cannot be used.</exception>
    /// <exception cref="IOException">The schema is of a later version of Granary.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await IsCurrentAsync(connection, cancellationToken)) return;

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({Lock})", cancellationToken);
        if (!await IsCurrentAsync(connection, cancellationToken))
        {
            // A role that owns the schema need not be allowed to create one.
            await using var isMissing = new NpgsqlCommand($"select to_regnamespace('{Name}') is null", connection);
            if (await isMissing.ExecuteScalarAsync(cancellationToken) is true)
                await ExecuteAsync(connection, $"create schema {Name}", cancellationToken);
            await ExecuteAsync(connection, await ReadAsync("schema.sql", cancellationToken), cancellationToken);
            await ExecuteAsync(connection, await ReadAsync("queries.sql", cancellationToken), cancellationToken);
            await ExecuteAsync(
                connection,
                $"delete from {Name}.schema_version; insert into {Name}.schema_version values ({Version})",
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> IsCurrentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand($"select to_regclass('{Name}.schema_version')::text", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not string) return false;
        await using var read = new NpgsqlCommand($"select max(version) from {Name}.schema_version", connection);
        if (await read.ExecuteScalarAsync(cancellationToken) is not int version) return false;
        return version > Version
            ? throw new IOException(
                $"{Setting.Section}:{nameof(GranarySiloOptions.ClusterConnectionString)}: the schema {Name} has "
                + $"version {version}, and this build knows {Version}. Start the later build, or use another database.")
            : version == Version;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var name = $"{typeof(PostgresSchema).Namespace}.Cluster.Postgres.{file}";
        await using var stream = typeof(PostgresSchema).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
