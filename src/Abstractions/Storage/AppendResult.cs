namespace Granary;

/// <summary>The store's answer to an <see cref="Append"/>.</summary>
/// <param name="Outcome">Whether it was appended now, was appended earlier, or conflicted.</param>
/// <param name="Version">
/// The version of the append's last event; after a conflict, the version that the stream is really at.
/// </param>
/// <param name="Position">
/// The position of the append's last event; after a conflict, that of the stream's last event.
/// </param>
/// <param name="Timestamp">
/// When the append's events were recorded; after a conflict, the instant of the refusal.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.AppendResult")]
public readonly record struct AppendResult(
    [property: Id(0)] AppendOutcome Outcome,
    [property: Id(1)] StreamVersion Version,
    [property: Id(2)] LogPosition Position,
    [property: Id(3)] DateTimeOffset Timestamp);
