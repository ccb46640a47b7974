using System.Buffers.Binary;
using System.IO.Hashing;

namespace Granary.Storage.AzureStorage;

/// <summary>Bytes that end with a checksum of themselves.</summary>
internal static class BytesSum
{
    private const int Size = sizeof(ulong);

    /// <summary>What was written, and its checksum.</summary>
    public static byte[] Add(MemoryStream written)
    {
        var bytes = new byte[written.Length + Size];
        written.GetBuffer().AsSpan(0, (int)written.Length).CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(^Size..), XxHash3.HashToUInt64(bytes.AsSpan(..^Size)));
        return bytes;
    }

    /// <summary>What was written.</summary>
    /// <exception cref="StoreCorruptException">The bytes do not match their checksum.</exception>
    public static MemoryStream Open(byte[] bytes)
    {
        if (bytes.Length < Size
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(^Size..))
                != XxHash3.HashToUInt64(bytes.AsSpan(..^Size)))
            throw new StoreCorruptException(
                "Stored bytes are damaged: they do not match their checksum. Restore the table and the blobs from a "
                + "backup.");
        return new MemoryStream(bytes, 0, bytes.Length - Size, writable: false);
    }
}
