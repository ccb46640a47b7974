namespace Granary;

/// <summary>The state of an aggregate at a version, encoded.</summary>
public sealed class Snapshot
{
    /// <summary>The stream that the state was folded from.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The version that the state is of.</summary>
    public required StreamVersion Version { get; init; }

    /// <summary>
    /// The position of the event of that version. If another event is there, the stream was cleared since.
    /// </summary>
    public required LogPosition Position { get; init; }

    /// <summary>
    /// The latest time stamp among all the events up to the version, so that the snapshot can serve every instant from
    /// then.
    /// </summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The shape of the state type that the payload was written with.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The XxHash64 of the payload.</summary>
    public required ulong Checksum { get; init; }

    /// <summary>The encoded state.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}
