using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.Sqlite;

/// <summary>Creates what is missing, migrates what is old, and checks the rest; in the caller's transaction.</summary>
internal static class SqliteSchema
{
    /// <summary>The schema that this code writes and reads.</summary>
    public const int Version = 2;

    public static void Ensure(SqliteSession session, SqliteStoreOptions options, ILogger logger)
    {
        var exists = session.Scalar(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'") > 0;
        if (!exists)
        {
            Create(session, options);
            return;
        }

        var version = session.Scalar("SELECT max(version) FROM schema_version");
        Check(session, options, version);
        if (version == Version) return;
        for (var from = version; from < Version; from++) Migrate(session, options, from + 1);
        logger.Migrated(options.Path, version, Version);
    }

    private static void Create(SqliteSession session, SqliteStoreOptions options)
    {
        if (session.Scalar("SELECT count(*) FROM sqlite_master") > 0)
            throw new StoreSchemaException(
                $"{options.Path} is a SQLite database of something else. Choose another path for Granary.");

        session.Execute(Resource("schema"));
        ForEachPartition(session, options, "partition");
        session.Execute(View(options));
        SetVersion(session, options, Version);
    }

    // The log table is written anew, each event with its place before: minutes for a hundred million events, once.
    private static void Migrate(SqliteSession session, SqliteStoreOptions options, long to)
    {
        session.Execute(Resource($"migrate_{to}"));
        ForEachPartition(session, options, $"migrate_{to}_partition");
        session.Execute(View(options));
        SetVersion(session, options, to);
    }

    private static void Check(SqliteSession session, SqliteStoreOptions options, long version)
    {
        if (version > Version)
            throw new StoreSchemaException(
                $"{options.Path} has schema {version}, written by a newer Granary; this one knows up to {Version}. "
                + "Update Granary.");

        var partitions = session.Scalar("SELECT max(partition_count) FROM schema_version");
        if (partitions != options.PartitionCount)
            throw new StoreSchemaException(
                $"{options.Path} was created with {partitions} partition(s) "
                + $"and is opened with {options.PartitionCount}. "
                + $"The number is fixed at creation: set PartitionCount to {partitions}.");
    }

    private static void SetVersion(SqliteSession session, SqliteStoreOptions options, long version) =>
        session.Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"INSERT INTO schema_version (version, partition_count) VALUES ({version}, {options.PartitionCount})"));

    private static void ForEachPartition(SqliteSession session, SqliteStoreOptions options, string resource)
    {
        var sql = Resource(resource);
        foreach (var partition in Partitions(options))
            session.Execute(sql.Replace("{partition}", partition, StringComparison.Ordinal));
    }

    private static string View(SqliteStoreOptions options)
    {
        var log = string.Join(
            " UNION ALL ", Partitions(options).Select(static at => $"SELECT {at} AS partition, * FROM log_{at}"));
        return Resource("view").Replace("{log}", log, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Partitions(SqliteStoreOptions options) =>
        Enumerable.Range(0, options.PartitionCount).Select(static at => at.ToString(CultureInfo.InvariantCulture));

    private static string Resource(string name)
    {
        var assembly = typeof(SqliteSchema).Assembly;
        using var stream = assembly.GetManifestResourceStream($"{assembly.GetName().Name}.Sql.{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
