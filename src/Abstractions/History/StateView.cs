namespace Granary;

/// <summary>The state of an aggregate as it was at a version, for people and programs to read.</summary>
/// <param name="Stream">The aggregate's stream.</param>
/// <param name="Version">The version that the state is of.</param>
/// <param name="Timestamp">When the event of that version was recorded; null at version 0.</param>
/// <param name="Position">The position in the log of the event of that version; 0 at version 0.</param>
/// <param name="Json">The state as JSON in UTF-8, camelCase.</param>
[GenerateSerializer, Immutable, Alias("granary.StateView")]
public sealed record StateView(
    [property: Id(0)] StreamName Stream,
    [property: Id(1)] StreamVersion Version,
    [property: Id(4)] LogPosition Position,
    [property: Id(2)] DateTimeOffset? Timestamp,
    [property: Id(3)] byte[] Json);
