namespace Granary.Storage.Sqlite;

/// <summary>
/// The few functions of SQLite that are called for every value of every row. Each takes nanoseconds, less than what
/// the driver's way of calling them takes: a handle counted up and down and a switch of the thread's mode. Only a
/// function that is short, never waits and never calls back may be called without that switch.
/// </summary>
/// <remarks>Only for sessions that one thread at a time uses, so that the functions find no lock taken.</remarks>
internal static unsafe class NativeStatement
{
    /// <summary>The largest blob that is bound here: SQLite copies it, and copying more takes too long.</summary>
    public const int SmallMax = 1_024;

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long> ColumnInt64Of =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long>)SqliteLibrary.Find("sqlite3_column_int64");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, nint> ColumnValueOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, nint>)SqliteLibrary.Find("sqlite3_column_value");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte*> BlobOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte*>)SqliteLibrary.Find("sqlite3_value_blob");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int> BytesOf =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int>)SqliteLibrary.Find("sqlite3_value_bytes");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long, int> BindInt64To =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, long, int>)
            SqliteLibrary.Find("sqlite3_bind_int64");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int> BindNullTo =
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, int>)SqliteLibrary.Find("sqlite3_bind_null");

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*, int, nint, int>
        BindBlobTo = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int, byte*, int, nint, int>)
            SqliteLibrary.Find("sqlite3_bind_blob");

    public static long ColumnInt64(nint statement, int column) => ColumnInt64Of(statement, column);

    /// <summary>A blob's bytes; valid until the statement's next step.</summary>
    public static ReadOnlySpan<byte> ColumnBlob(nint statement, int column)
    {
        // In this order, as SQLite requires: the first makes it a blob, the second returns its length. The value of a
        // column is found once for both; it may be used like this where no other thread uses the session.
        var value = ColumnValueOf(statement, column);
        var bytes = BlobOf(value);
        return new(bytes, BytesOf(value));
    }

    public static int BindInt64(nint statement, int at, long value) => BindInt64To(statement, at, value);

    public static int BindNull(nint statement, int at) => BindNullTo(statement, at);

    /// <summary>Binds a copy of a small blob that is not empty.</summary>
    public static int BindSmallBlob(nint statement, int at, ReadOnlySpan<byte> value)
    {
        const nint copied = -1;
        fixed (byte* bytes = value) return BindBlobTo(statement, at, bytes, value.Length, copied);
    }
}
