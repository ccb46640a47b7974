using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// A file that SQLite has open (<c>sqlite3_file</c>), used as the platform's own file system does: without checksums.
/// Each function returns SQLite's code.
/// </summary>
internal readonly unsafe struct NativeFile(nint** file)
{
    // The fields of sqlite3_io_methods: a version and, at most, 18 functions. Those that are replaced follow them.
    public const int CloseField = 1;
    public const int ReadField = 2;
    public const int WriteField = 3;
    public const int FieldCount = 19;
    public const int OriginalRead = FieldCount;
    public const int OriginalWrite = FieldCount + 1;
    public const int OriginalControl = FieldCount + 2;
    public const int ControlField = 10;

    private const int SyncField = 5;
    private const int SizeField = 6;
    private const int SharedMemoryField = 13;
    private const int SyncNormal = 2;
    private const int SharedMemorySize = 32_768;

    private readonly nint** _file = file;

    public int Read(Span<byte> into, long offset)
    {
        var read = (delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int>)(*_file)[OriginalRead];
        fixed (byte* buffer = into) return read(_file, buffer, into.Length, offset);
    }

    public int Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var write = (delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int>)(*_file)[OriginalWrite];
        fixed (byte* buffer = bytes) return write(_file, buffer, bytes.Length, offset);
    }

    public int Sync() => ((delegate* unmanaged[Cdecl]<nint**, int, int>)(*_file)[SyncField])(_file, SyncNormal);

    public int Control(int operation, void* argument) =>
        ((delegate* unmanaged[Cdecl]<nint**, int, void*, int>)(*_file)[OriginalControl])(_file, operation, argument);

    public int Close() => ((delegate* unmanaged[Cdecl]<nint**, int>)(*_file)[CloseField])(_file);

    /// <summary>The size of the file in bytes; 0 where it cannot be found out.</summary>
    public long Size()
    {
        var size = 0L;
        var code = ((delegate* unmanaged[Cdecl]<nint**, long*, int>)(*_file)[SizeField])(_file, &size);
        return code == raw.SQLITE_OK ? size : 0;
    }

    /// <summary>The first part of the memory that all processes share which have the file open; null without.</summary>
    public byte* SharedMemory()
    {
        byte* memory = null;
        ((delegate* unmanaged[Cdecl]<nint**, int, int, int, byte**, int>)(*_file)[SharedMemoryField])(
            _file, 0, SharedMemorySize, 0, &memory);
        return memory;
    }
}
