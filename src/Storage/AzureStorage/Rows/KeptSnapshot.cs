namespace Granary.Storage.AzureStorage;

/// <summary>A snapshot without its state.</summary>
internal sealed record KeptSnapshot(
    long Version, long Position, long Time, string Fingerprint, ulong Checksum, string Blob)
{
    public static KeptSnapshot Of(Snapshot one, string blob) => new(
        one.Version.Value, one.Position.Position.Value, one.Timestamp.UtcTicks, one.Fingerprint, one.Checksum, blob);

    public static KeptSnapshot Read(BinaryReader reader) => new(
        reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadString(), reader.ReadUInt64(),
        reader.ReadString());

    public void Write(BinaryWriter writer)
    {
        writer.Write(Version);
        writer.Write(Position);
        writer.Write(Time);
        writer.Write(Fingerprint);
        writer.Write(Checksum);
        writer.Write(Blob);
    }

    public Snapshot ToSnapshot(StreamName stream, LogPartition partition, byte[] payload) => new()
    {
        Stream = stream,
        Version = new(Version),
        Position = new(partition, new(Position)),
        Timestamp = Instants.Of(Time),
        Fingerprint = Fingerprint,
        Checksum = Checksum,
        Payload = payload,
    };
}
