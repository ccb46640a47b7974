namespace Granary.Storage.Sqlite;

/// <summary>Looks at a file before it is opened as a store.</summary>
internal static class SqliteStoreProbe
{
    /// <summary>How many partitions a store has; null where there is no file. Nothing is changed.</summary>
    /// <exception cref="StoreSchemaException">The file is no store.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    /// <exception cref="StoreCorruptException">It is damaged.</exception>
    public static int? FindPartitionCount(SqliteStoreOptions options)
    {
        if (!Path.Exists(options.Path)) return null;
        using var database = new SqliteDatabase(options, TimeProvider.System);
        try
        {
            database.OpenExisting();
            using var session = database.OpenReader();
            return SqliteSchema.ReadPartitionCount(session, options);
        }
        catch (Microsoft.Data.Sqlite.SqliteException fault)
        {
            throw database.Map(fault);
        }
    }

    /// <summary>
    /// Reads every page of a file, which checks it, and compares tables with their indexes. The store may be in use.
    /// </summary>
    /// <returns>What SQLite finds, at most 100; nothing where the file is sound.</returns>
    /// <exception cref="StoreCorruptException">A page does not match its checksum.</exception>
    public static IReadOnlyList<string> CheckFile(SqliteStoreOptions options, CancellationToken cancellationToken)
    {
        using var database = new SqliteDatabase(options, TimeProvider.System);
        try
        {
            database.OpenExisting();
            using var session = database.OpenReader();
            using var registration = cancellationToken.Register(session.Interrupt);
            cancellationToken.ThrowIfCancellationRequested();
            using var statement = session.Prepare("PRAGMA integrity_check(100)");
            var found = new List<string>();
            while (statement.Step()) found.Add(statement.Text(0));
            return found is ["ok"] ? [] : found;
        }
        catch (Microsoft.Data.Sqlite.SqliteException fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw database.Map(fault);
        }
    }
}
