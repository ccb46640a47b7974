using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.Sqlite;

/// <summary>Creates the tables of a new file; migrates an older file, and checks any other.</summary>
/// <param name="version">The version of the schema that this code writes and reads.</param>
/// <param name="migrations">The steps from older schemas, oldest first.</param>
internal sealed class SqliteSchema(int version, IReadOnlyList<SqliteMigration> migrations)
{
    // What was cleared with schema 3 has no content any more.
    private static readonly SqliteMigration To4 = new(4, "ALTER TABLE clearings ADD COLUMN rest INTEGER", "");

    // A clearing has no first event that stays, and what it has left begins with the first of the generation.
    private static readonly SqliteMigration To5 = new(
        5,
        "ALTER TABLE clearings RENAME TO removals; ALTER TABLE removals ADD COLUMN first INTEGER; "
        + "ALTER TABLE store ADD COLUMN truncations INTEGER NOT NULL DEFAULT 0",
        "");

    /// <summary>The schema of this Granary. It migrates schemas 3 and 4, and none of those before.</summary>
    public static SqliteSchema Current { get; } = new(5, [To4, To5]);

    public int Version => version;

    /// <summary>
    /// Runs in the caller's transaction, which it shares with whatever it changes: a migration is complete or has not
    /// begun.
    /// </summary>
    public void Ensure(SqliteSession session, SqliteStoreOptions options, ILogger logger)
    {
        ThrowIfForeign(session, options);
        var found = session.Scalar("SELECT version FROM store");
        Check(session, options, found);
        if (found == version) return;
        for (var to = found + 1; to <= version; to++) Migrate(session, options, found, to);
        logger.Migrated(options.Path, found, version);
    }

    /// <summary>Creates the tables of a new file.</summary>
    public void Create(SqliteSession session, SqliteStoreOptions options, Guid storeId)
    {
        session.Execute(Resource("schema"));
        ForEachPartition(session, options, Resource("partition"));
        for (var at = 0; at < options.PartitionCount; at++) session.Index.SetIndexed(new LogPartition(at), 0);
        session.Execute(View(options));
        using var store = session.Prepare("INSERT INTO store (version, partition_count, id) VALUES (?1, ?2, ?3)");
        store.Bind(1, version).Bind(2, options.PartitionCount).Bind(3, storeId).Execute();
    }

    /// <summary>The store's own id.</summary>
    public static Guid ReadStoreId(SqliteSession session)
    {
        using var statement = session.Prepare("SELECT id FROM store");
        return statement.Step() && statement.Blob(0) is { Length: 16 } id
            ? new Guid(id, bigEndian: true)
            : throw new StoreCorruptException("The store has no id: its table `store` is damaged.");
    }

    /// <summary>How many partitions the store has.</summary>
    /// <exception cref="StoreSchemaException">The file is no store.</exception>
    public static int ReadPartitionCount(SqliteSession session, SqliteStoreOptions options)
    {
        ThrowIfForeign(session, options);
        return (int)session.Scalar("SELECT partition_count FROM store");
    }

    private void Migrate(SqliteSession session, SqliteStoreOptions options, long found, long to)
    {
        var migration = migrations.FirstOrDefault(one => one.To == to) ?? throw new StoreSchemaException(
            $"{options.Path} has schema {found}, which this Granary does not migrate to its own, {version}. "
            + "Open it with the Granary that wrote it, or choose another path.");
        session.Execute("DROP VIEW event_log");
        session.Execute(migration.Sql);
        ForEachPartition(session, options, migration.PartitionSql);
        session.Execute(View(options));
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"UPDATE store SET version = {to}"));
    }

    private static void ThrowIfForeign(SqliteSession session, SqliteStoreOptions options)
    {
        var isOurs = session.Scalar("PRAGMA page_size") == ChecksummedFiles.PageSize
            && session.Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'store'") == 1;
        if (isOurs) return;
        throw new StoreSchemaException(
            $"{options.Path} is a SQLite database of another program, or of a Granary before its first release. "
            + "Choose another path.");
    }

    private void Check(SqliteSession session, SqliteStoreOptions options, long found)
    {
        if (found > version)
            throw new StoreSchemaException(
                $"{options.Path} has schema {found}, written by a newer Granary; this one reads up to {version}. "
                + "Update Granary.");

        var partitions = session.Scalar("SELECT partition_count FROM store");
        if (partitions != options.PartitionCount)
            throw new StoreSchemaException(
                $"{options.Path} was created with {partitions} partition(s) "
                + $"and is opened with {options.PartitionCount}. "
                + $"The number is fixed at creation: set PartitionCount to {partitions}.");
    }

    private static void ForEachPartition(SqliteSession session, SqliteStoreOptions options, string sql)
    {
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
