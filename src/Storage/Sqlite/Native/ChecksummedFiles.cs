using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// A file system for SQLite (a "VFS") that keeps a checksum in the last 8 bytes of each page of a database file. It is
/// set when a page is written to the file and checked when a page is read from it, whatever table or index the page
/// belongs to. A page that does not match its checksum fails the read with <c>SQLITE_CORRUPT</c>.
/// </summary>
/// <remarks>
/// <para>All but opening, reading and writing a database file is the platform's own file system. The write-ahead log
/// is untouched: SQLite checks its frames itself when it recovers them.</para>
/// <para>SQLite never gets a checksum: the 8 bytes are zero in its page cache, and so in the write-ahead log. A program
/// that opens the file without this file system, such as the <c>sqlite3</c> shell, may therefore move pages from the
/// log of a killed process into the file: these have no checksum (zero), and get one when they are written the
/// next time. Until then, a page is checked as <see cref="UncheckedPage"/> describes. Where such a
/// program changes a page, the page no longer matches and counts as damaged.</para>
/// </remarks>
internal static unsafe class ChecksummedFiles
{
    /// <summary>The name to open a database with.</summary>
    public const string Name = "granary";

    /// <summary>The size in bytes of each page of a database file, of which SQLite uses all but the last 8.</summary>
    public const int PageSize = 8_192;

    /// <summary>How many bytes of a page are set aside for its checksum.</summary>
    public const int ChecksumSize = sizeof(ulong);

    private const int ContentSize = PageSize - ChecksumSize;
    private const int ShortRead = raw.SQLITE_IOERR | (2 << 8);

    // The fields of sqlite3_io_methods: a version and, at most, 18 functions. The two that are replaced follow them.
    private const int ReadField = 2;
    private const int WriteField = 3;
    private const int FieldCount = 19;
    private const int OriginalRead = FieldCount;
    private const int OriginalWrite = FieldCount + 1;

    private static readonly Lock Patching = new();
    private static readonly Dictionary<nint, nint> PatchedMethods = [];
    private static readonly delegate* unmanaged[Cdecl]<FileSystem*, byte*, nint**, int, int*, int> OpenFile;

    static ChecksummedFiles()
    {
        var find = (delegate* unmanaged[Cdecl]<byte*, FileSystem*>)SqliteLibrary.Find("sqlite3_vfs_find");
        var register = (delegate* unmanaged[Cdecl]<FileSystem*, int, int>)SqliteLibrary.Find("sqlite3_vfs_register");
        var platform = find(null);
        OpenFile = (delegate* unmanaged[Cdecl]<FileSystem*, byte*, nint**, int, int*, int>)platform->Open;

        // SQLite keeps the address as long as the process runs.
        var ours = (FileSystem*)NativeMemory.Alloc((nuint)sizeof(FileSystem));
        *ours = *platform;
        ours->Next = 0;
        ours->Name = Marshal.StringToCoTaskMemUTF8(Name);
        ours->Open = (nint)(delegate* unmanaged[Cdecl]<FileSystem*, byte*, nint**, int, int*, int>)&Open;
        var code = register(ours, 0);
        if (code != raw.SQLITE_OK) throw new InvalidOperationException($"SQLite refuses a file system: error {code}.");
    }

    /// <summary>Makes the file system known to SQLite; once per process.</summary>
    public static void Register() => RuntimeHelpers.RunClassConstructor(typeof(ChecksummedFiles).TypeHandle);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(FileSystem* files, byte* name, nint** file, int flags, int* outFlags)
    {
        var code = OpenFile(files, name, file, flags, outFlags);
        if (code == raw.SQLITE_OK && (flags & raw.SQLITE_OPEN_MAIN_DB) != 0 && *file != null)
            *file = (nint*)Patch((nint)(*file));
        return code;
    }

    // The first field of an open file is the table of its functions. There is one table for each kind of file system.
    private static nint Patch(nint methods)
    {
        lock (Patching)
        {
            if (PatchedMethods.TryGetValue(methods, out var known)) return known;
            var from = (nint*)methods;
            var fields = *(int*)from switch { 1 => 13, 2 => 17, _ => FieldCount };
            var to = (nint*)NativeMemory.AllocZeroed((nuint)(FieldCount + 2), (nuint)sizeof(nint));
            for (var at = 0; at < fields; at++) to[at] = from[at];
            to[OriginalRead] = from[ReadField];
            to[OriginalWrite] = from[WriteField];
            to[ReadField] = (nint)(delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int>)&Read;
            to[WriteField] = (nint)(delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int>)&Write;
            return PatchedMethods[methods] = (nint)to;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint** file, byte* buffer, int size, long offset)
    {
        var original = (delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int>)(*file)[OriginalRead];
        var code = original(file, buffer, size, offset);
        if (!IsPage(size, offset)) return code;

        // A file that ends before a page that SQLite reads was cut; only an empty one has no first page.
        if (code == ShortRead && offset > 0) return raw.SQLITE_CORRUPT;
        if (code != raw.SQLITE_OK) return code;
        var page = new Span<byte>(buffer, PageSize);
        var stored = BinaryPrimitives.ReadUInt64LittleEndian(page[ContentSize..]);
        if (stored == 0) return UncheckedPage.HasLostCells(page, offset) ? raw.SQLITE_CORRUPT : raw.SQLITE_OK;
        if (stored != ChecksumOf(page, offset)) return raw.SQLITE_CORRUPT;
        page[ContentSize..].Clear();
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint** file, byte* buffer, int size, long offset)
    {
        var original = (delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int>)(*file)[OriginalWrite];
        if (!IsPage(size, offset)) return original(file, buffer, size, offset);
        var page = new Span<byte>(buffer, PageSize);
        BinaryPrimitives.WriteUInt64LittleEndian(page[ContentSize..], ChecksumOf(page, offset));
        var code = original(file, buffer, size, offset);
        page[ContentSize..].Clear();
        return code;
    }

    private static bool IsPage(int size, long offset) => size == PageSize && offset % PageSize == 0;

    // The page's number is part of it, so that a page that was written at another page's offset does not match. Zero
    // means a page without a checksum.
    private static ulong ChecksumOf(ReadOnlySpan<byte> page, long offset)
    {
        var checksum = XxHash3.HashToUInt64(page[..ContentSize], offset / PageSize);
        return checksum == 0 ? 1 : checksum;
    }

    /// <summary>SQLite's <c>sqlite3_vfs</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileSystem
    {
        public int Version;
        public int FileSize;
        public int PathLengthMax;
        public nint Next;
        public nint Name;
        public nint ApplicationData;
        public nint Open;
        public Functions Others;
    }

    /// <summary>The functions of a file system after the first, unchanged.</summary>
    [InlineArray(15)]
    private struct Functions
    {
        private nint _first;
    }
}
