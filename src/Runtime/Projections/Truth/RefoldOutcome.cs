namespace Granary.Runtime;

/// <summary>What came of comparing a model with its stream.</summary>
internal enum RefoldOutcome
{
    /// <summary>The model is what its stream's events are folded into.</summary>
    Equal,

    /// <summary>It is another one.</summary>
    Differs,

    /// <summary>
    /// It cannot be compared: events of its stream were removed, are parked, cannot be folded or are too many; or the
    /// model changes all the time.
    /// </summary>
    Skipped,
}
