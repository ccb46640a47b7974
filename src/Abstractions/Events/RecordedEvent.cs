namespace Granary;

/// <summary>
/// An event as it is in the log. It never changes, except that it becomes a tombstone when its stream is cleared, or
/// truncated after it.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.RecordedEvent")]
public sealed class RecordedEvent
{
    /// <summary>The stream that it belongs to.</summary>
    [Id(0)] public required StreamName Stream { get; init; }

    /// <summary>Its version in the stream, from 1; 0 for <see cref="EventTypes.StreamCleared"/>.</summary>
    [Id(1)] public required StreamVersion Version { get; init; }

    /// <summary>Its position in the log.</summary>
    [Id(2)] public required LogPosition Position { get; init; }

    /// <summary>Its own id.</summary>
    [Id(3)] public required Guid Id { get; init; }

    /// <summary>The id of the append that wrote it; events written together share it.</summary>
    [Id(4)] public required AppendId AppendId { get; init; }

    /// <summary>The name of its type.</summary>
    [Id(5)] public required string Type { get; init; }

    /// <summary>The version of its type's shape, from 1.</summary>
    [Id(6)] public required int SchemaVersion { get; init; }

    /// <summary>When it was recorded, in whole microseconds of UTC.</summary>
    [Id(7)] public required DateTimeOffset Timestamp { get; init; }

    /// <summary>How the payload is written, as a media type.</summary>
    [Id(8)] public required string ContentType { get; init; }

    /// <summary>The content.</summary>
    [Id(9)] public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Who, why and what else.</summary>
    [Id(10)] public required EventMetadata Metadata { get; init; }

    /// <summary>Whether only the position is left: the stream was cleared here, or the event was removed.</summary>
    public bool IsTombstone => Type is EventTypes.Tombstone or EventTypes.StreamCleared;
}
