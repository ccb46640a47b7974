using System.Buffers.Binary;

namespace Granary.Storage.Sqlite;

/// <summary>
/// What is checked of a page without a checksum: a disk that loses the end of a page loses the checksum with it. SQLite
/// writes the cells of a page from its end, and no cell begins with zero, so a lost end shows in the cells.
/// </summary>
internal static class UncheckedPage
{
    // The header of the file, before the content of its first page.
    private const int FileHeaderSize = 100;

    private const int CellCountField = 3;

    /// <summary>Whether a cell of the page begins with zeros, or is outside of it.</summary>
    public static bool HasLostCells(ReadOnlySpan<byte> page, long offset)
    {
        var header = offset == 0 ? FileHeaderSize : 0;

        // The kinds of a b-tree's pages. Inner ones have a longer header, and cells that begin with a page's number.
        var (pointers, start) = page[header] switch
        {
            2 or 5 => (header + 12, sizeof(uint)),
            10 or 13 => (header + 8, 1),
            _ => (0, 0),
        };
        if (start == 0) return false;
        var count = BinaryPrimitives.ReadUInt16BigEndian(page[(header + CellCountField)..]);
        if (pointers + count * sizeof(ushort) > page.Length) return true;
        for (var at = 0; at < count; at++)
        {
            var cell = BinaryPrimitives.ReadUInt16BigEndian(page[(pointers + at * sizeof(ushort))..]);
            if (cell + start > page.Length || !page.Slice(cell, start).ContainsAnyExcept((byte)0)) return true;
        }

        return false;
    }
}
