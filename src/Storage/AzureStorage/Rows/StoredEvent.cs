namespace Granary.Storage.AzureStorage;

/// <summary>An event as it is stored in a segment.</summary>
internal sealed record StoredEvent(
    Guid Id, string Type, int SchemaVersion, string ContentType, ReadOnlyMemory<byte> Payload,
    ReadOnlyMemory<byte> Metadata)
{
    [Flags]
    private enum Parts : byte
    {
        None = 0,
        Removed = 1,
        HasAppendId = 2,
        IsJson = 4,
        HasMetadata = 8,
    }

    /// <summary>Whether its content was removed.</summary>
    public bool IsRemoved => Type == EventTypes.Tombstone;

    public static StoredEvent Of(NewEvent one) => new(
        one.Id, one.Type, one.SchemaVersion, one.ContentType, one.Payload,
        one.Metadata == EventMetadata.Empty ? default : one.Metadata.Utf8);

    /// <summary>What is left when its content is removed.</summary>
    public StoredEvent Removed() => new(Id, EventTypes.Tombstone, 1, ContentTypes.Json, default, default);

    public void Write(BinaryWriter writer, Guid append)
    {
        var parts = (IsRemoved ? Parts.Removed : Parts.None) | (Id == append ? Parts.HasAppendId : Parts.None)
            | (ContentType == ContentTypes.Json ? Parts.IsJson : Parts.None)
            | (Metadata.IsEmpty ? Parts.None : Parts.HasMetadata);
        writer.Write((byte)parts);
        if (Id != append) writer.Write(Id.ToByteArray());
        if (IsRemoved) return;
        writer.Write(Type);
        writer.Write7BitEncodedInt(SchemaVersion);
        if (ContentType != ContentTypes.Json) writer.Write(ContentType);
        Write(writer, Payload);
        if (!Metadata.IsEmpty) Write(writer, Metadata);
    }

    public static StoredEvent Read(BinaryReader reader, Guid append)
    {
        var parts = (Parts)reader.ReadByte();
        var id = parts.HasFlag(Parts.HasAppendId) ? append : new Guid(reader.ReadBytes(16));
        if (parts.HasFlag(Parts.Removed))
            return new StoredEvent(id, EventTypes.Tombstone, 1, ContentTypes.Json, default, default);
        return new StoredEvent(
            id, reader.ReadString(), reader.Read7BitEncodedInt(),
            parts.HasFlag(Parts.IsJson) ? ContentTypes.Json : reader.ReadString(),
            ReadBytes(reader), parts.HasFlag(Parts.HasMetadata) ? ReadBytes(reader) : default);
    }

    private static void Write(BinaryWriter writer, ReadOnlyMemory<byte> bytes)
    {
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes.Span);
    }

    private static byte[] ReadBytes(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new EndOfStreamException();
    }
}
