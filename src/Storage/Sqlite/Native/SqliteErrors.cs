using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>Maps SQLite's error codes to Granary's exceptions.</summary>
internal static class SqliteErrors
{
    /// <summary>Whether another connection holds a lock; the session stays usable.</summary>
    public static bool IsLocked(SqliteException fault) => fault.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public static GranaryException Map(SqliteException fault, string path) => fault.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => new StoreUnavailableException(
            $"The disk of {path} is full. Free space on it; nothing is lost and the store continues by itself.", fault),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => new StoreUnavailableException(
            $"{path} is locked by another process for longer than the busy timeout. Try again.", fault),
        raw.SQLITE_READONLY => new StoreReadOnlyException(
            $"{path} cannot be written: the file, its folder or its medium is read-only. "
            + "Give this process the right to write there.", fault),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new StoreCorruptException(
            $"{path} is damaged, or no SQLite database: a page of it does not match its checksum, or makes no sense. "
            + "Restore the file from a backup.", fault),
        raw.SQLITE_CANTOPEN => new StoreUnavailableException(
            $"{path} cannot be opened. Check that its folder exists "
            + "and that this process may read and write there.", fault),
        _ => new StoreUnavailableException(
            $"SQLite failed on {path} with error {fault.SqliteErrorCode}, extended {fault.SqliteExtendedErrorCode}: "
            + $"{fault.Message}. Check the disk and its file system; the store continues when they work again.", fault),
    };
}
