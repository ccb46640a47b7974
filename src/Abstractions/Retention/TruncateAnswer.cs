namespace Granary;

/// <summary>How far a stream is truncated.</summary>
/// <param name="First">The version of the first event that is left.</param>
/// <param name="HeldBackBy">
/// The name of the reader of the log whose checkpoint holds back events that were to be removed; null where none does.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.TruncateAnswer")]
public sealed record TruncateAnswer(
    [property: Id(0)] StreamVersion First,
    [property: Id(1)] string? HeldBackBy = null);
