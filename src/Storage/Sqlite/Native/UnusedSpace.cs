using System.Buffers.Binary;

namespace Granary.Storage.Sqlite;

/// <summary>
/// What a page of a b-tree has between the pointers to its cells and the cells. SQLite does not use it, and clears what
/// it deletes; but where it moves cells to another page, it may leave them there as well. They would be in the file
/// still after the cells themselves were deleted.
/// </summary>
internal static class UnusedSpace
{
    // The header of the file, before the content of its first page.
    private const int FileHeaderSize = 100;

    private const int CellCountField = 3;
    private const int CellsField = 5;

    // A page that continues a large cell begins with the number of the next one: in a larger file it may look like a
    // page of a b-tree.
    private const long FileSizeMax = ChecksummedFiles.PageSize * (1L << 24);

    /// <summary>Clears the unused space of a page that is about to be written to a file.</summary>
    public static void Clear(NativeFile file, Span<byte> page, long offset)
    {
        var unused = Find(page, offset);
        if (unused.ContainsAnyExcept((byte)0) && file.Size() < FileSizeMax) unused.Clear();
    }

    private static Span<byte> Find(Span<byte> page, long offset)
    {
        var header = offset == 0 ? FileHeaderSize : 0;

        // The kinds of a b-tree's pages. Inner ones have a longer header.
        var pointers = page[header] switch
        {
            2 or 5 => header + 12,
            10 or 13 => header + 8,
            _ => 0,
        };
        if (pointers == 0) return [];
        var start = pointers + BinaryPrimitives.ReadUInt16BigEndian(page[(header + CellCountField)..]) * sizeof(ushort);
        var end = BinaryPrimitives.ReadUInt16BigEndian(page[(header + CellsField)..]);
        return start < end && end <= page.Length ? page[start..end] : [];
    }
}
