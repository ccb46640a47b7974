using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>Maps SQLite's error codes to Granary's exceptions.</summary>
internal static class SqliteErrors
{
    /// <summary>Whether another connection holds a lock; the session stays usable.</summary>
    public static bool IsLocked(SqliteException fault) => fault.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>The exception for a fault of the files themselves; null where it is another.</summary>
    /// <param name="fault">What SQLite reports.</param>
    /// <param name="path">The path of the file that the others are beside; no link to it.</param>
    public static StoreCorruptException? MapFile(SqliteException fault, string path) =>
        fault.SqliteExtendedErrorCode switch
        {
            FileFaults.ForeignWal => new StoreCorruptException(
                $"{path}-wal is the write-ahead log of another file, or of {path} at another time: one of them was "
                + $"replaced. Put the two files back that belong together. Where {path} was restored from a backup, "
                + $"move {path}-wal away.", fault),
            FileFaults.DamagedWal => new StoreCorruptException(
                $"{path}-wal, the write-ahead log, is damaged: commits are missing of it. Restore the file from a "
                + $"backup, and move {path}-wal away.", fault),
            FileFaults.ForeignJournal => new StoreCorruptException(
                $"{path}-journal is there: another program has changed {path} and was interrupted. Restore the file "
                + $"from a backup, and move {path}-journal away.", fault),
            FileFaults.EmptyFile => new StoreCorruptException(
                $"{path} has no bytes: it was cut, or another program has made it. Restore the file from a backup. To "
                + $"start with a new store, move it and the files beside it away.", fault),
            _ => null,
        };

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
