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

    /// <summary>The document; null where it is in a blob, or was not read.</summary>
    public ReadOnlyMemory<byte>? Document { get; init; }

    /// <summary>The content under a name; null where there is none.</summary>
    public static ModelContent? Read(TableEntity row, string name)
    {
        if (row.GetBinary(name) is not { } head) return null;
        using var buffer = new MemoryStream(head, writable: false);
        using var reader = new BinaryReader(buffer, Encoding.UTF8);
        var revision = reader.ReadInt64();
        var position = new LogPosition(new(reader.ReadInt32()), new(reader.ReadInt64()));
        var length = reader.ReadInt32();
        var blob = reader.ReadString();
        var values = new object?[reader.ReadInt32()];
        for (var at = 0; at < values.Length; at++) values[at] = ModelValues.Read(reader);
        return new ModelContent(revision, position, values, length)
        {
            Blob = blob.Length == 0 ? null : blob,
            Document = blob.Length == 0 && ReadDocument(row, name, length) is { } document
                ? new ReadOnlyMemory<byte>(document) : (ReadOnlyMemory<byte>?)null,
        };
    }

    public void Write(TableEntity row, string name)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Revision);
            writer.Write(Position.Partition.Value);
            writer.Write(Position.Position.Value);
            writer.Write(Length);
            writer.Write(Blob ?? "");
            writer.Write(Values.Count);
            foreach (var one in Values) ModelValues.Write(writer, one);
        }

        row[name] = buffer.ToArray();
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
            if (row.GetBinary(Part(name, at)) is not { } part) return null;
            part.CopyTo(document, read);
            read += part.Length;
        }

        return document;
    }

    private static string Part(string name, int at) => $"{name}{at}";
}
