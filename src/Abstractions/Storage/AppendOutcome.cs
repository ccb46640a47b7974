namespace Granary;

/// <summary>The outcome of an append.</summary>
[GenerateSerializer, Alias("granary.AppendOutcome")]
public enum AppendOutcome
{
    /// <summary>The store has not answered yet; never the outcome of a committed append.</summary>
    None,

    /// <summary>The events are stored, by this append.</summary>
    Appended,

    /// <summary>The events were stored before, by an append with the same id; nothing was written now.</summary>
    AlreadyAppended,

    /// <summary>The stream was not at the expected version; nothing was written.</summary>
    Conflict,
}
