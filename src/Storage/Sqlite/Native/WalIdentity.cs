using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// What a database file keeps of the write-ahead log that belongs to it: SQLite itself would recover any. Each time
/// that the write-ahead log begins anew, SQLite gives it other salts.
/// </summary>
/// <remarks>
/// It is in the 20 bytes of the file's header that SQLite does not use, and SQLite never gets it: they are zero in its
/// page cache. It has no checksum: a damaged one matches no write-ahead log.
/// </remarks>
/// <param name="Salts">The salts of the write-ahead log; 0 where the file never had one.</param>
/// <param name="NextSalts">The salts that it is about to have; 0 where it is not about to begin anew.</param>
/// <param name="Frames">
/// How many frames of it a checkpoint has begun to move into the file: a write-ahead log with fewer is older than the
/// file.
/// </param>
internal readonly record struct WalIdentity(ulong Salts, ulong NextSalts, uint Frames)
{
    public const int Offset = 72;
    public const int Size = 20;

    public static int Read(NativeFile database, out WalIdentity identity)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var code = database.Read(bytes, Offset);
        identity = new(
            MemoryMarshal.Read<ulong>(bytes),
            MemoryMarshal.Read<ulong>(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]));
        return code;
    }

    /// <summary>
    /// Writes it and nothing else: it is in one sector, so that a power cut leaves the file with this or the last one.
    /// </summary>
    public int Write(NativeFile database)
    {
        Span<byte> bytes = stackalloc byte[Size];
        MemoryMarshal.Write(bytes, Salts);
        MemoryMarshal.Write(bytes[8..], NextSalts);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Frames);
        return database.Write(bytes, Offset);
    }

    /// <summary>
    /// Writes the header of a write-ahead log that begins anew. The database file has both salts, on disk, from before
    /// the header can be there until it is on disk: whenever the process is killed or the power is cut, the write-ahead
    /// log has one of them.
    /// </summary>
    public static int BeginWal(NativeFile database, NativeFile wal, ReadOnlySpan<byte> header)
    {
        var code = Read(database, out var current);
        if (code != raw.SQLITE_OK) return code;

        // Another program may have removed what the file kept of the write-ahead log that is there now, or a process
        // was killed before the file kept it.
        Span<byte> last = stackalloc byte[WalCheck.HeaderSize];
        if (wal.Read(last, 0) == raw.SQLITE_OK && WalCheck.SaltsOf(last) != current.Salts)
        {
            code = wal.Sync();
            current = new WalIdentity(WalCheck.SaltsOf(last), 0, 0);
        }

        var salts = WalCheck.SaltsOf(header);
        if (code == raw.SQLITE_OK) code = (current with { NextSalts = salts }).Write(database);
        if (code == raw.SQLITE_OK) code = database.Sync();
        if (code == raw.SQLITE_OK) code = wal.Write(header, 0);
        if (code == raw.SQLITE_OK) code = wal.Sync();
        return code == raw.SQLITE_OK ? new WalIdentity(salts, 0, 0).Write(database) : code;
    }

    /// <summary>Is called before a checkpoint moves frames into the database file.</summary>
    public static unsafe void BeginCheckpoint(NativeFile database)
    {
        // By SQLite's format of the shared memory: the salts as in the file, and how many frames are to be moved.
        const int SaltsOffset = 32;
        const int FramesOffset = 128;
        var memory = database.SharedMemory();
        if (memory == null) return;

        // Where this fails, less is known of the write-ahead log, but nothing wrong.
        new WalIdentity(*(ulong*)(memory + SaltsOffset), 0, *(uint*)(memory + FramesOffset)).Write(database);
    }
}
