using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Granary.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>Files of an open session that fail, until the session is closed.</summary>
internal static unsafe class FailingDisk
{
    // SQLITE_FCNTL_FILE_POINTER, and SQLITE_FCNTL_JOURNAL_POINTER: of a database with a write-ahead log, that log.
    private const int FilePointerCode = 7;
    private const int JournalPointerCode = 28;
    private const int WriteFailed = raw.SQLITE_IOERR | (3 << 8);
    private const int SyncFailed = raw.SQLITE_IOERR | (4 << 8);

    // The table of an open file's functions, with those that Granary's file system has added to it.
    private const int FieldCount = NativeFile.OriginalControl + 1;
    private const int SyncField = 5;

    /// <summary>Every byte of the write-ahead log is taken, and then fails to be synced.</summary>
    public static void Sync(SqliteSession session) => Functions(HandleOf(session), JournalPointerCode)[SyncField] =
        (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&FailSync;

    /// <summary>No page of the database file is taken.</summary>
    public static void Pages(SqliteSession session) =>
        Functions(HandleOf(session), FilePointerCode)[NativeFile.OriginalWrite] =
            (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&WriteUnlessPage;

    /// <summary>Of the first page of the database file, one half is taken.</summary>
    public static void FirstPage(SqliteConnection connection) =>
        Functions(connection.Handle!, FilePointerCode)[NativeFile.OriginalWrite] =
            (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&WriteHalfOfFirstPage;

    // The table of the file alone, with the function that writes in a field more. Never freed: SQLite may use it as
    // long as the session is open.
    private static nint* Functions(sqlite3 database, int pointerCode)
    {
        var control = (delegate* unmanaged[Cdecl]<nint, byte*, int, nint*, int>)
            SqliteLibrary.Find("sqlite3_file_control");
        nint file;
        fixed (byte* main = "main\0"u8)
            Assert.Equal(raw.SQLITE_OK, control(database.DangerousGetHandle(), main, pointerCode, &file));

        var functions = (nint*)NativeMemory.Alloc(FieldCount + 1, (nuint)sizeof(nint));
        new Span<nint>(*(void**)file, FieldCount).CopyTo(new(functions, FieldCount));
        functions[FieldCount] = functions[NativeFile.OriginalWrite];
        *(nint*)file = (nint)functions;
        return functions;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int FailSync(nint file, int flags) => SyncFailed;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int WriteUnlessPage(nint file, byte* buffer, int size, long offset) =>
        size == ChecksummedFiles.PageSize ? WriteFailed : Write(file, buffer, size, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int WriteHalfOfFirstPage(nint file, byte* buffer, int size, long offset)
    {
        const int half = ChecksummedFiles.PageSize / 2;
        return offset != 0 || size <= half
            ? Write(file, buffer, size, offset)
            : Write(file, buffer, half, offset) | WriteFailed;
    }

    private static int Write(nint file, byte* buffer, int size, long offset) =>
        ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)(*(nint**)file)[FieldCount])(
            file, buffer, size, offset);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_handle")]
    private static extern ref sqlite3 HandleOf(SqliteSession session);
}
