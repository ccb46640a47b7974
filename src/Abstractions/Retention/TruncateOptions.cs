namespace Granary;

/// <summary>How a stream is truncated.</summary>
[GenerateSerializer, Immutable, Alias("granary.TruncateOptions")]
public sealed record TruncateOptions
{
    /// <summary>
    /// The stream as the caller saw it when it decided: where it was cleared since, nothing is removed. Null where that
    /// does not matter.
    /// </summary>
    [Id(0)] public StreamHead? Seen { get; init; }

    /// <summary>
    /// The folder in which the events are archived before; null for that of the rule that the grain's silo has for the
    /// category, if any.
    /// </summary>
    [Id(1)] public string? ArchivePath { get; init; }
}
