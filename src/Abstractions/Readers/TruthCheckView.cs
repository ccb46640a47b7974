namespace Granary;

/// <summary>
/// What was found when models of a stored projection were folded anew from the log and compared, since the build that
/// serves queries was begun.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.TruthCheckView")]
public sealed record TruthCheckView
{
    /// <summary>Why the projection's models are not checked; null where they are.</summary>
    [Id(0)] public string? NotChecked { get; init; }

    /// <summary>When models were checked last; null where none were.</summary>
    [Id(1)] public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>How many models were compared.</summary>
    [Id(2)] public long Checked { get; init; }

    /// <summary>
    /// How many could not be compared: events of their streams were removed, are parked, cannot be folded or are too
    /// many.
    /// </summary>
    [Id(3)] public long Skipped { get; init; }

    /// <summary>The keys of the models that differ from the log, at most a hundred.</summary>
    [Id(4)] public IReadOnlyList<string> Drifted { get; init; } = [];
}
