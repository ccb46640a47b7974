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
/// <para>All but opening, reading and writing is the platform's own file system. The pages in the write-ahead log have
/// no checksum of ours: SQLite checks its frames when it recovers them, and <see cref="WalCheck"/> does before.</para>
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
    private const int CheckpointStart = 39;

    // To find the database file of a write-ahead log: its address follows what the platform keeps of an open file.
    private static readonly delegate* unmanaged[Cdecl]<byte*, nint**> DatabaseOf =
        (delegate* unmanaged[Cdecl]<byte*, nint**>)SqliteLibrary.Find("sqlite3_database_file_object");

    private static readonly int DatabaseField;

    private static readonly Lock Patching = new();
    private static readonly Dictionary<(nint Methods, bool OfWal), nint> PatchedMethods = [];
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
        DatabaseField = (platform->FileSize + sizeof(nint) - 1) / sizeof(nint);
        ours->FileSize = (DatabaseField + 1) * sizeof(nint);
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
        // SQLite opens a rollback journal like this to undo what its process has not completed. A store has none.
        const int undoes = raw.SQLITE_OPEN_MAIN_JOURNAL | raw.SQLITE_OPEN_READWRITE;
        const int creates = raw.SQLITE_OPEN_CREATE;
        if ((flags & (undoes | creates)) == undoes) return FileFaults.ForeignJournal;

        int opened;
        var code = OpenFile(files, name, file, flags, &opened);
        if (outFlags != null) *outFlags = opened;
        if (code != raw.SQLITE_OK || *file == null) return code;
        if ((flags & raw.SQLITE_OPEN_MAIN_DB) != 0)
        {
            *file = (nint*)Patch((nint)(*file), ofWal: false);

            // SQLite takes a file without bytes for a new one, and deletes its write-ahead log.
            return (flags & creates) == 0 && new NativeFile(file).Size() == 0 ? Close(file) : raw.SQLITE_OK;
        }

        // A session that may only read does not keep others from writing.
        if ((flags & raw.SQLITE_OPEN_WAL) != 0 && (opened & raw.SQLITE_OPEN_READWRITE) != 0)
        {
            *file = (nint*)Patch((nint)(*file), ofWal: true);
            file[DatabaseField] = (nint*)DatabaseOf(name);
        }

        return raw.SQLITE_OK;
    }

    private static int Close(nint** file)
    {
        new NativeFile(file).Close();
        *file = null;
        return FileFaults.EmptyFile;
    }

    // The first field of an open file is the table of its functions. There is one table for each kind of file system.
    private static nint Patch(nint methods, bool ofWal)
    {
        lock (Patching)
        {
            if (PatchedMethods.TryGetValue((methods, ofWal), out var known)) return known;
            var from = (nint*)methods;
            var fields = *(int*)from switch { 1 => 13, 2 => 17, _ => NativeFile.FieldCount };
            var to = (nint*)NativeMemory.AllocZeroed((nuint)(NativeFile.FieldCount + 3), (nuint)sizeof(nint));
            for (var at = 0; at < fields; at++) to[at] = from[at];
            to[NativeFile.OriginalRead] = from[NativeFile.ReadField];
            to[NativeFile.OriginalWrite] = from[NativeFile.WriteField];
            to[NativeFile.OriginalControl] = from[NativeFile.ControlField];
            delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int> read = ofWal ? &ReadWal : &Read;
            delegate* unmanaged[Cdecl]<nint**, byte*, int, long, int> write = ofWal ? &WriteWal : &Write;
            to[NativeFile.ReadField] = (nint)read;
            to[NativeFile.WriteField] = (nint)write;
            if (!ofWal)
                to[NativeFile.ControlField] = (nint)(delegate* unmanaged[Cdecl]<nint**, int, void*, int>)&Control;
            return PatchedMethods[(methods, ofWal)] = (nint)to;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint** file, byte* buffer, int size, long offset)
    {
        var page = new Span<byte>(buffer, size);
        var code = new NativeFile(file).Read(page, offset);
        if (!IsPage(size, offset)) return code;

        // A file that ends before a page that SQLite reads was cut.
        if (code == ShortRead) return raw.SQLITE_CORRUPT;
        if (code != raw.SQLITE_OK) return code;
        if (offset == 0) page.Slice(WalIdentity.Offset, WalIdentity.Size).Clear();
        var stored = BinaryPrimitives.ReadUInt64LittleEndian(page[ContentSize..]);
        if (stored == 0) return UncheckedPage.HasLostCells(page, offset) ? raw.SQLITE_CORRUPT : raw.SQLITE_OK;
        if (stored != ChecksumOf(page, offset)) return raw.SQLITE_CORRUPT;
        page[ContentSize..].Clear();
        return raw.SQLITE_OK;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint** file, byte* buffer, int size, long offset)
    {
        var original = new NativeFile(file);
        var page = new Span<byte>(buffer, size);
        if (!IsPage(size, offset)) return original.Write(page, offset);
        UnusedSpace.Clear(original, page, offset);
        if (offset == 0) page.Slice(WalIdentity.Offset, WalIdentity.Size).Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(page[ContentSize..], ChecksumOf(page, offset));
        var code = offset == 0 ? WriteFirst(original, page) : original.Write(page, offset);
        page[ContentSize..].Clear();
        return code;
    }

    // What is kept of the write-ahead log stays as it is.
    private static int WriteFirst(NativeFile file, ReadOnlySpan<byte> page)
    {
        const int rest = WalIdentity.Offset + WalIdentity.Size;
        if (WalIdentity.Read(file, out var known) != raw.SQLITE_OK) return file.Write(page, 0);
        if (known == default) return WriteOnlyFirst(file, page);
        var code = file.Write(page[..WalIdentity.Offset], 0);
        return code == raw.SQLITE_OK ? file.Write(page[rest..], rest) : code;
    }

    // A file that has no write-ahead log yet gets one: its header changes, and the page is nowhere else. A kill or a
    // power cut may leave a part of it. So it has no checksum until all of it is on disk.
    private static int WriteOnlyFirst(NativeFile file, ReadOnlySpan<byte> page)
    {
        ReadOnlySpan<byte> none = stackalloc byte[ChecksumSize];
        var code = file.Write(none, ContentSize);
        if (code == raw.SQLITE_OK) code = file.Sync();
        if (code == raw.SQLITE_OK) code = file.Write(page[..ContentSize], 0);
        if (code == raw.SQLITE_OK) code = file.Sync();
        return code == raw.SQLITE_OK ? file.Write(page[ContentSize..], ContentSize) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Control(nint** file, int operation, void* argument)
    {
        var original = new NativeFile(file);
        if (operation == CheckpointStart) WalIdentity.BeginCheckpoint(original);
        return original.Control(operation, argument);
    }

    // SQLite reads the header only when it recovers the write-ahead log: no process writes then.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReadWal(nint** file, byte* buffer, int size, long offset)
    {
        var wal = new NativeFile(file);
        var bytes = new Span<byte>(buffer, size);
        var code = wal.Read(bytes, offset);
        return code == raw.SQLITE_OK && offset == 0 && size == WalCheck.HeaderSize
            ? WalCheck.Run(new NativeFile((nint**)file[DatabaseField]), wal, bytes)
            : code;
    }

    // SQLite writes the header when the write-ahead log begins anew: all that was in it is in the database file.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int WriteWal(nint** file, byte* buffer, int size, long offset)
    {
        var wal = new NativeFile(file);
        var bytes = new ReadOnlySpan<byte>(buffer, size);
        return offset == 0 && size == WalCheck.HeaderSize
            ? WalIdentity.BeginWal(new NativeFile((nint**)file[DatabaseField]), wal, bytes)
            : wal.Write(bytes, offset);
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
