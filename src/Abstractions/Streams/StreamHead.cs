namespace Granary;

/// <summary>
/// Where a stream ends. A stream that never was has version 0 and position 0; a stream that was cleared has version 0
/// and the position at which it was cleared, so that a writer cannot take the events since for those before.
/// </summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="Position">The position of its last event, or of its clearing, or 0.</param>
/// <param name="Created">When its first event was recorded; null for a stream without events.</param>
/// <param name="Updated">When its last event was recorded; null for a stream without events.</param>
/// <param name="First">
/// The version of the first event that is still there: 1, or the version before which the stream was truncated; 0 for a
/// stream without events.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.StreamHead")]
public sealed record StreamHead(
    [property: Id(0)] StreamName Stream,
    [property: Id(1)] StreamVersion Version,
    [property: Id(2)] LogPosition Position,
    [property: Id(3)] DateTimeOffset? Created,
    [property: Id(4)] DateTimeOffset? Updated,
    [property: Id(5)] StreamVersion First = default);
