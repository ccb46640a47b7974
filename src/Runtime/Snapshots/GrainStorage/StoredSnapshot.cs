namespace Granary.Runtime;

/// <summary>A snapshot in a grain storage, of types that every storage can write.</summary>
[GenerateSerializer, Alias("granary.StoredSnapshot")]
internal sealed class StoredSnapshot
{
    /// <summary>The version that the state is of.</summary>
    [Id(0)]
    public long Version { get; set; }

    /// <summary>The position of the event of that version, in the stream's partition.</summary>
    [Id(1)]
    public long Position { get; set; }

    /// <summary>
    /// The id of that event; null where there was none at that version and position when the snapshot was written.
    /// </summary>
    [Id(2)]
    public Guid? EventId { get; set; }

    /// <summary>The latest time stamp up to that event, in ticks of UTC.</summary>
    [Id(3)]
    public long UtcTicks { get; set; }

    /// <summary>As in <see cref="Snapshot.Fingerprint"/>.</summary>
    [Id(4)]
    public string Fingerprint { get; set; } = "";

    /// <summary>
    /// As in <see cref="Snapshot.Checksum"/>; signed, as not every storage has numbers without a sign.
    /// </summary>
    [Id(5)]
    public long Checksum { get; set; }

    /// <summary>The encoded state.</summary>
    [Id(6)]
    public byte[] Payload { get; set; } = [];

    /// <summary>A snapshot, and the id of its event.</summary>
    public static StoredSnapshot Of(Snapshot snapshot, Guid? eventId) => new()
    {
        Version = snapshot.Version.Value,
        Position = snapshot.Position.Position.Value,
        EventId = eventId,
        UtcTicks = snapshot.Timestamp.UtcTicks,
        Fingerprint = snapshot.Fingerprint,
        Checksum = unchecked((long)snapshot.Checksum),
        Payload = snapshot.Payload.ToArray(),
    };

    /// <summary>The snapshot that it was made of.</summary>
    public Snapshot ToSnapshot(StreamName stream, LogPartition partition) => new()
    {
        Stream = stream,
        Version = new(Version),
        Position = new(partition, new(Position)),
        Timestamp = new DateTimeOffset(UtcTicks, TimeSpan.Zero),
        Fingerprint = Fingerprint,
        Checksum = unchecked((ulong)Checksum),
        Payload = Payload,
    };
}
