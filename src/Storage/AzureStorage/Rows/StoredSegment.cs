using System.Text;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Where the bytes of a segment are: in the row itself, or in a blob that was written before the row.
/// </summary>
/// <param name="Bytes">The bytes; null where they are in a blob.</param>
/// <param name="Blob">The name of the blob; null where there is none.</param>
internal sealed record StoredSegment(byte[]? Bytes, string? Blob)
{
    /// <summary>How much of an append is kept in rows, in bytes; what is larger is in a blob.</summary>
    public const int InRowMax = 256 * 1024;

    /// <summary>How much of it is in a row.</summary>
    public int SizeInRow => Bytes?.Length ?? 2 * Blob!.Length;

    /// <summary>How many events are in the blob; null where its name does not tell, or there is none.</summary>
    public long? Count => Blob is null ? null : BlobName.Parse(Blob)?.Count;

    public static byte[] ToBytes(IReadOnlyList<StoredSegment> segments)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var one in segments)
            {
                writer.Write(one.Blob ?? "");
                if (one.Blob is not null) continue;
                writer.Write7BitEncodedInt(one.Bytes!.Length);
                writer.Write(one.Bytes);
            }
        }

        return buffer.ToArray();
    }

    /// <exception cref="StoreCorruptException">The bytes are no segments.</exception>
    public static List<StoredSegment> ReadAll(byte[] bytes)
    {
        var segments = new List<StoredSegment>();
        try
        {
            using var buffer = new MemoryStream(bytes, writable: false);
            using var reader = new BinaryReader(buffer, Encoding.UTF8);
            while (buffer.Position < buffer.Length)
            {
                var blob = reader.ReadString();
                segments.Add(blob.Length > 0
                    ? new StoredSegment(null, blob)
                    : new StoredSegment(reader.ReadBytes(reader.Read7BitEncodedInt()), null));
            }
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or FormatException)
        {
            throw new StoreCorruptException(
                "A stored commit cannot be read: its bytes are damaged. Restore the tables from a backup.", fault);
        }

        return segments;
    }
}
