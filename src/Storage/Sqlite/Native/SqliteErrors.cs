using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>Turns SQLite's error codes into Granary's errors.</summary>
internal static class SqliteErrors
{
    public static GranaryException Map(SqliteException fault, string path) => fault.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => new StoreUnavailableException(
            $"The disk of {path} is full. Make room; nothing is lost and the store goes on by itself.", fault),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => new StoreUnavailableException(
            $"{path} is locked by another process for longer than the busy timeout. Try again.", fault),
        raw.SQLITE_READONLY => new StoreReadOnlyException(
            $"{path} cannot be written: the file, its folder or its medium is read-only. "
            + "Give this process the right to write there.", fault),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new StoreCorruptException(
            $"{path} is damaged or no SQLite database. Restore it from a backup.", fault),
        raw.SQLITE_CANTOPEN => new StoreUnavailableException(
            $"{path} cannot be opened. Check that its folder exists "
            + "and that this process may read and write there.", fault),
        _ => new StoreUnavailableException(
            $"SQLite failed on {path} with error {fault.SqliteErrorCode}, extended {fault.SqliteExtendedErrorCode}: "
            + $"{fault.Message}. Check the disk and its file system; the store goes on when they work again.", fault),
    };
}
