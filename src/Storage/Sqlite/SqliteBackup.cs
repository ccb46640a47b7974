using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>Copies a store to a new file while it is in use.</summary>
internal static class SqliteBackup
{
    // It has its name only when it is complete and synced.
    private const string PartialSuffix = ".partial";

    public static void Write(SqliteDatabase database, string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full)) throw new IOException($"The backup {full} exists already. Choose another path.");
        if (database.IsOwnFile(full))
            throw new IOException($"SQLite uses {full} beside the store, and deletes it. Choose another path.");
        var folder = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(folder);

        // What a backup that was killed has left is in nobody's way.
        var partial = $"{full}.{Path.GetRandomFileName()}{PartialSuffix}";
        new FileStream(partial, FileMode.CreateNew).Dispose();
        try
        {
            Copy(database, partial, cancellationToken);
            using (var file = new FileStream(partial, FileMode.Open)) file.Flush(flushToDisk: true);
            File.Move(partial, full);
            SyncedFolder.Flush(folder);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static void Copy(SqliteDatabase database, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var session = database.OpenReader();
            using var registration = cancellationToken.Register(session.Interrupt);
            cancellationToken.ThrowIfCancellationRequested();
            using var statement = session.Prepare("VACUUM INTO ?1");
            statement.BindText(1, path).Execute();
        }
        catch (SqliteException fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (database.Map(fault) is StoreCorruptException corrupt) throw corrupt;
            throw new IOException(
                $"The backup {path} cannot be written: {fault.Message} Nothing of the store is changed.", fault);
        }
    }
}
