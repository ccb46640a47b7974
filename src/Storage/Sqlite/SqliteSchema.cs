using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>Creates what is missing and checks what is there.</summary>
internal static class SqliteSchema
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const int Version = 1;

    public static void Ensure(SqliteConnection connection, SqliteStoreOptions options)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var exists = SqliteDatabase.Scalar(
            connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'") > 0;
        if (!exists) Create(connection, options);
        else Check(connection, options);
        transaction.Commit();
    }

    private static void Create(SqliteConnection connection, SqliteStoreOptions options)
    {
        if (SqliteDatabase.Scalar(connection, "SELECT count(*) FROM sqlite_master") > 0)
            throw new StoreSchemaException(
                $"{options.Path} is a SQLite database of something else. Choose another path for Granary.");

        SqliteDatabase.Execute(connection, Resource("schema"));
        var partitions = Enumerable.Range(0, options.PartitionCount)
            .Select(static at => at.ToString(CultureInfo.InvariantCulture)).ToArray();
        var table = Resource("partition");
        foreach (var partition in partitions)
        {
            SqliteDatabase.Execute(connection, table.Replace("{partition}", partition, StringComparison.Ordinal));
            SqliteDatabase.Execute(connection, $"INSERT INTO indexed (partition, position) VALUES ({partition}, 0)");
        }

        var log = string.Join(" UNION ALL ", partitions.Select(at => $"SELECT {at} AS partition, * FROM log_{at}"));
        SqliteDatabase.Execute(connection, Resource("view").Replace("{log}", log, StringComparison.Ordinal));
        using var insert = SqliteDatabase.Command(
            connection, "INSERT INTO schema_version (version, partition_count) VALUES ($version, $count)",
            ("$version", Version), ("$count", options.PartitionCount));
        insert.ExecuteNonQuery();
    }

    private static void Check(SqliteConnection connection, SqliteStoreOptions options)
    {
        var version = SqliteDatabase.Scalar(connection, "SELECT max(version) FROM schema_version");
        if (version > Version)
            throw new StoreSchemaException(
                $"{options.Path} has schema {version}, written by a newer Granary; this one knows up to {Version}. "
                + "Update Granary.");

        var partitions = SqliteDatabase.Scalar(connection, "SELECT max(partition_count) FROM schema_version");
        if (partitions != options.PartitionCount)
            throw new StoreSchemaException(
                $"{options.Path} was created with {partitions} partition(s) "
                + $"and is opened with {options.PartitionCount}. "
                + $"The number is fixed at creation: set PartitionCount to {partitions}.");
    }

    private static string Resource(string name)
    {
        var assembly = typeof(SqliteSchema).Assembly;
        using var stream = assembly.GetManifestResourceStream($"{assembly.GetName().Name}.Sql.{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
