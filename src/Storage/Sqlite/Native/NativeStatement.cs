using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// The few functions of SQLite that are called for every value of every row, called in the library that the driver has
/// loaded. Each takes nanoseconds, less than what the driver's way of calling them takes: a handle counted up and down
/// and a switch of the thread's mode, which only a function may go without that is short, never waits and calls nobody
/// back.
/// </summary>
/// <remarks>Only for sessions that one thread at a time uses, so that the functions find no lock taken.</remarks>
internal static unsafe class NativeStatement
{
    private static readonly nint Library = NativeLibrary.Load(
        raw.GetNativeLibraryName(), DriverOf(raw.GetNativeLibraryName()), searchPath: null);

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long> ColumnInt64Of =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long>)Find("sqlite3_column_int64");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*> ColumnBlobOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*>)Find("sqlite3_column_blob");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int> ColumnBytesOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int>)Find("sqlite3_column_bytes");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long, int> BindInt64To =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long, int>)Find("sqlite3_bind_int64");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*, int, nint, int>
        BindBlobTo = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*, int, nint, int>)
            Find("sqlite3_bind_blob");

    /// <summary>The largest blob that is bound here: SQLite copies it, and copying more takes too long.</summary>
    public const int SmallMax = 1_024;

    public static long ColumnInt64(nint statement, int column) => ColumnInt64Of(statement, column);

    /// <summary>A blob's bytes; valid until the statement's next step.</summary>
    public static ReadOnlySpan<byte> ColumnBlob(nint statement, int column)
    {
        // In this order, as SQLite asks for: the first makes it a blob, whose length the second gives.
        var bytes = ColumnBlobOf(statement, column);
        return new(bytes, ColumnBytesOf(statement, column));
    }

    public static int BindInt64(nint statement, int at, long value) => BindInt64To(statement, at, value);

    /// <summary>Binds a copy of a small blob that is not empty.</summary>
    public static int BindSmallBlob(nint statement, int at, ReadOnlySpan<byte> value)
    {
        const nint copied = -1;
        fixed (byte* bytes = value) return BindBlobTo(statement, at, bytes, value.Length, copied);
    }

    private static nint Find(string function) => NativeLibrary.GetExport(Library, function);

    // The library is found as the driver's own part finds it.
    private static Assembly DriverOf(string library) => AppDomain.CurrentDomain.GetAssemblies()
        .FirstOrDefault(one => one.GetName().Name == $"SQLitePCLRaw.provider.{library}") ?? typeof(raw).Assembly;
}
