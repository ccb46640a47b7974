namespace Granary;

/// <summary>What became of a commit of models.</summary>
public enum ModelCommitOutcome
{
    /// <summary>It landed, now or by an earlier call with a lost answer.</summary>
    Committed,

    /// <summary>
    /// The checkpoint is elsewhere, or in a later epoch: another owner has taken over. Nothing was changed.
    /// </summary>
    Overtaken,

    /// <summary>A row has another revision than expected: another writer changed it. Nothing was changed.</summary>
    RowsChanged,
}
