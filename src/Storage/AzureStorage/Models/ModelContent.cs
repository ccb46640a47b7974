using System.IO.Hashing;
using System.Text;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>What a row of a model holds. A large document is in a blob.</summary>
/// <param name="Revision">The id of the commit that wrote it.</param>
/// <param name="Position">The position of the event that changed it last.</param>
/// <param name="Values">The values of the table's columns.</param>
/// <param name="Length">The size of the document, in bytes.</param>
internal sealed record ModelContent(
    long Revision, LogPosition Position, IReadOnlyList<object?> Values, int Length)
{
    /// <summary>A larger document is in a blob: a row has two of them while it is changed.</summary>
    public const int InlineMax = 256 * 1024;

    /// <summary>The blob that has the document; null where the row has it.</summary>
    public string? Blob { get; init; }

    /// <summary>The checksum of the document.</summary>
    public ulong DocumentSum { get; init; }

    /// <summary>The document; null where it is in a blob, or was not read.</summary>
    public ReadOnlyMemory<byte>? Document { get; init; }

    /// <summary>The checksum of a document.</summary>
    public static ulong SumOf(ReadOnlyMemory<byte> document) => XxHash3.HashToUInt64(document.Span);

    /// <summary>The content under a name; null where there is none.</summary>
    /// <exception cref="StoreCorruptException">It is not as it was written.</exception>
    public static ModelContent? Read(TableEntity row, string name)
    {
        if (row.FindBytes(name) is not { } head) return null;
        using var buffer = BytesSum.Open(head);
        using var reader = new BinaryReader(buffer, Encoding.UTF8);
        var revision = reader.ReadInt64();
        var position = new LogPosition(new(reader.ReadInt32()), new(reader.ReadInt64()));
        var length = reader.ReadInt32();
        var sum = reader.ReadUInt64();
        var blob = reader.ReadString();
        var values = new object?[reader.ReadInt32()];
        for (var at = 0; at < values.Length; at++) values[at] = ModelValues.Read(reader);
        var content = new ModelContent(revision, position, values, length)
        {
            Blob = blob.Length == 0 ? null : blob,
            DocumentSum = sum,
        };
        return blob.Length == 0 && ReadDocument(row, name, length) is { } document
            ? content with { Document = content.Checked(document) }
            : content;
    }

    /// <summary>The document, as it was read.</summary>
    /// <exception cref="StoreCorruptException">It is not as it was written.</exception>
    public ReadOnlyMemory<byte> Checked(byte[] document) => SumOf(document) == DocumentSum
        ? document
        : throw new StoreCorruptException(
            "The document of a model is damaged: it does not match its checksum. Rebuild the projection.");

    public void Write(TableEntity row, string name)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Revision);
            writer.Write(Position.Partition.Value);
            writer.Write(Position.Position.Value);
            writer.Write(Length);
            writer.Write(DocumentSum);
            writer.Write(Blob ?? "");
            writer.Write(Values.Count);
            foreach (var one in Values) ModelValues.Write(writer, one);
        }

        row[name] = BytesSum.Add(buffer);
        if (Document is not { } document) return;
        for (var (at, offset) = (0, 0); offset < document.Length; at++, offset += DataProperties.SizeMax)
            row[Part(name, at)] =
                document.Slice(offset, Math.Min(document.Length - offset, DataProperties.SizeMax)).ToArray();
    }

    private static byte[]? ReadDocument(TableEntity row, string name, int length)
    {
        // Nothing is set aside for a document that was not asked for.
        if (!row.ContainsKey(Part(name, 0))) return null;
        var document = new byte[length];
        var read = 0;
        for (var at = 0; read < length; at++)
        {
            if (row.FindBytes(Part(name, at)) is not { } part || part.Length > length - read) return null;
            part.CopyTo(document, read);
            read += part.Length;
        }

        return document;
    }

    private static string Part(string name, int at) => $"{name}{at}";
}
