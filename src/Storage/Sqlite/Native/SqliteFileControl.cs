using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>What SQLite reports of an open database file beyond its content.</summary>
internal static unsafe class SqliteFileControl
{
    private const int HasMovedCode = 20;
    private const int ReserveBytesCode = 38;

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, int*, int> FileControl =
        (delegate* unmanaged[Cdecl]<nint, byte*, int, int*, int>)SqliteLibrary.Find("sqlite3_file_control");

    /// <summary>
    /// Whether the file was removed, renamed or replaced since it was opened: its path leads to no file, or to another.
    /// Always false where the platform prevents that.
    /// </summary>
    public static bool HasMoved(sqlite3 database)
    {
        var moved = 0;
        return Call(database, HasMovedCode, &moved) == raw.SQLITE_OK && moved != 0;
    }

    /// <summary>Sets aside bytes at the end of each page of a file that is still to be created.</summary>
    public static void ReserveBytes(sqlite3 database, int bytes) => _ = Call(database, ReserveBytesCode, &bytes);

    private static int Call(sqlite3 database, int code, int* value)
    {
        fixed (byte* main = "main\0"u8) return FileControl(database.DangerousGetHandle(), main, code, value);
    }
}
