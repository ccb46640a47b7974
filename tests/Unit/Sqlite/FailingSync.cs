using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Granary.Storage.Sqlite;
using SQLitePCL;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// A disk that takes every byte of a session's write-ahead log, and then fails to sync it. Until the session is closed.
/// </summary>
internal static unsafe class FailingSync
{
    // SQLITE_FCNTL_JOURNAL_POINTER; of a database with a write-ahead log, that log's file.
    private const int JournalPointerCode = 28;
    private const int SyncFailed = raw.SQLITE_IOERR | (4 << 8);

    // The table of an open file's functions, with those that Granary's file system has added to it.
    private const int FieldCount = NativeFile.OriginalControl + 1;
    private const int SyncField = 5;

    public static void Of(SqliteSession session)
    {
        var control = (delegate* unmanaged[Cdecl]<nint, byte*, int, nint*, int>)
            SqliteLibrary.Find("sqlite3_file_control");
        var database = HandleOf(session).DangerousGetHandle();
        nint file;
        fixed (byte* main = "main\0"u8)
            Assert.Equal(raw.SQLITE_OK, control(database, main, JournalPointerCode, &file));

        // Never freed: SQLite may use it as long as the session is open.
        var functions = (nint*)NativeMemory.Alloc(FieldCount, (nuint)sizeof(nint));
        new Span<nint>(*(void**)file, FieldCount).CopyTo(new(functions, FieldCount));
        functions[SyncField] = (nint)(delegate* unmanaged[Cdecl]<nint, int, int>)&Sync;
        *(nint*)file = (nint)functions;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(nint file, int flags) => SyncFailed;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_handle")]
    private static extern ref sqlite3 HandleOf(SqliteSession session);
}
