using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Checks a write-ahead log before SQLite recovers it. SQLite recovers any that it finds, up to the first frame that is
/// not valid, as after a power cut: it knows neither to which file it belongs, nor that a synced frame is lost.
/// </summary>
/// <remarks>
/// The format is SQLite's: a header of 32 bytes, then frames of 24 bytes and a page. The checksum of a frame continues
/// that of the frame before, and a commit is synced before a frame of the next one is written.
/// </remarks>
internal sealed class WalCheck
{
    public const int HeaderSize = 32;

    private const int FrameHeaderSize = 24;
    private const int FrameSize = FrameHeaderSize + ChecksummedFiles.PageSize;

    // The last bit of it is set where the checksums are of big-endian numbers.
    private const uint Magic = 0x377f0682;

    private readonly NativeFile _wal;
    private readonly ulong _salts;
    private readonly bool _isBigEndian;
    private readonly long _count;
    private readonly byte[] _frame = new byte[FrameSize];

    private WalCheck(NativeFile wal, ReadOnlySpan<byte> header)
    {
        _wal = wal;
        _salts = SaltsOf(header);
        _isBigEndian = (BinaryPrimitives.ReadUInt32BigEndian(header) & 1) != 0;
        _count = (wal.Size() - HeaderSize) / FrameSize;
    }

    // Those of the frame that was read last.
    private uint Page => BinaryPrimitives.ReadUInt32BigEndian(_frame);

    private bool EndsCommit => BinaryPrimitives.ReadUInt32BigEndian(_frame.AsSpan(4)) != 0;

    private ulong Salts => MemoryMarshal.Read<ulong>(_frame.AsSpan(8));

    private Checksum Stored => Checksum.Read(_frame.AsSpan(16));

    /// <summary>The salts in the header of a write-ahead log.</summary>
    public static ulong SaltsOf(ReadOnlySpan<byte> header) => MemoryMarshal.Read<ulong>(header[16..]);

    /// <summary>
    /// SQLite's code for what is wrong with a write-ahead log; <c>SQLITE_OK</c> where it may be recovered.
    /// </summary>
    public static int Run(NativeFile database, NativeFile wal, ReadOnlySpan<byte> header)
    {
        var code = WalIdentity.Read(database, out var known);
        if (code != raw.SQLITE_OK) return code;
        var isKnown = known != default || !IsWrittenByOthers(database);
        var check = new WalCheck(wal, header);
        var checksum = Checksum.Read(header[24..]);
        var magic = BinaryPrimitives.ReadUInt32BigEndian(header) & ~1U;
        if (magic != Magic || check.Sum(header[..24], default) != checksum)
            return isKnown ? check.RunWithoutHeader(known) : raw.SQLITE_OK;
        var isCurrent = check._salts == known.Salts;
        if (isKnown && !isCurrent && check._salts != known.NextSalts) return FileFaults.ForeignWal;
        return check.RunFrames(checksum, isCurrent ? known.Frames : 0);
    }

    // Another program that has moved the first page into the file has removed what was kept of the write-ahead log.
    private static bool IsWrittenByOthers(NativeFile database)
    {
        Span<byte> checksum = stackalloc byte[ChecksummedFiles.ChecksumSize];
        return database.Read(checksum, ChecksummedFiles.PageSize - checksum.Length) == raw.SQLITE_OK
            && !checksum.ContainsAnyExcept((byte)0);
    }

    // SQLite recovers nothing then. That is right after a power cut while the header was written: it is synced before
    // there is a frame.
    private int RunWithoutHeader(WalIdentity known)
    {
        var isBeginning = known.NextSalts != 0;
        var salts = isBeginning ? known.NextSalts : known.Salts;
        return (!isBeginning && known.Frames > 0) || (_count > 0 && ReadHeader(1) && Salts == salts)
            ? FileFaults.DamagedWal
            : raw.SQLITE_OK;
    }

    private int RunFrames(Checksum checksum, uint required)
    {
        var at = 1L;
        while (at <= _count && ReadContinuation(at, ref checksum)) at++;
        return at <= required || HasCommitAfter(at) ? FileFaults.DamagedWal : raw.SQLITE_OK;
    }

    // Where a commit ends at a frame that is not valid, or after it, and the next commit was begun, that commit was
    // synced with all frames before it. Frames of a transaction that was rolled back may be there too: these do not
    // continue the checksum of a commit.
    private bool HasCommitAfter(long at)
    {
        for (; at < _count; at++)
        {
            if (!ReadHeader(at) || Salts != _salts || !EndsCommit) continue;
            var checksum = Stored;
            if (ReadContinuation(at + 1, ref checksum)) return true;
        }

        return false;
    }

    private bool ReadHeader(long at) => Read(at, FrameHeaderSize);

    // Whether the frame continues the checksum, which becomes that of the frame.
    private bool ReadContinuation(long at, ref Checksum checksum)
    {
        if (!Read(at, FrameSize) || Salts != _salts || Page == 0) return false;
        checksum = Sum(_frame.AsSpan(FrameHeaderSize), Sum(_frame.AsSpan(0, 8), checksum));
        return checksum == Stored;
    }

    private bool Read(long at, int size) =>
        _wal.Read(_frame.AsSpan(0, size), HeaderSize + (at - 1) * FrameSize) == raw.SQLITE_OK;

    private Checksum Sum(ReadOnlySpan<byte> bytes, Checksum checksum)
    {
        var (first, second) = checksum;
        var reverses = _isBigEndian == BitConverter.IsLittleEndian;
        var numbers = MemoryMarshal.Cast<byte, uint>(bytes);
        for (var at = 0; at < numbers.Length; at += 2)
        {
            first += (reverses ? BinaryPrimitives.ReverseEndianness(numbers[at]) : numbers[at]) + second;
            second += (reverses ? BinaryPrimitives.ReverseEndianness(numbers[at + 1]) : numbers[at + 1]) + first;
        }

        return new Checksum(first, second);
    }

    private readonly record struct Checksum(uint First, uint Second)
    {
        public static Checksum Read(ReadOnlySpan<byte> bytes) => new(
            BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));
    }
}
