using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// The state that a journal's events are folded into, as the append loop uses it. Used in the grain's turns only.
/// </summary>
internal interface IJournalState
{
    /// <summary>What all journals of a silo share.</summary>
    JournalServices Services { get; }

    /// <summary>The activation.</summary>
    IGrainContext Context { get; }

    /// <summary>The grain's stream.</summary>
    StreamName Stream { get; }

    /// <summary>What is notified when the store is unavailable.</summary>
    IConnectionIssueListener Listener { get; }

    /// <summary>The version of the confirmed state.</summary>
    StreamVersion Version { get; }

    /// <summary>The position of the last confirmed event.</summary>
    LogPosition Position { get; }

    /// <summary>Folds submissions that have landed into the confirmed state.</summary>
    /// <exception cref="ReplayFailedException">An event that is stored now cannot be applied.</exception>
    void Confirm(in SubmissionQueue landed, AppendResult result);

    /// <summary>
    /// Folds what is pending again, on a confirmed state that another writer, or a clearing, has changed.
    /// </summary>
    /// <exception cref="EventNotApplicableException">A pending event does not apply to it.</exception>
    void Rebase(in SubmissionQueue pending);

    /// <summary>Drops the states that hold more than what is confirmed; they are folded anew when needed.</summary>
    void DropTentative();

    /// <summary>The stream was cleared: the confirmed state is the one before the first event.</summary>
    void Reset();

    /// <summary>Whether the stream ends where the confirmed state does.</summary>
    ValueTask<bool> IsAtHeadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Folds what other writers appended into the confirmed state; where the stream was cleared, loads it anew.
    /// </summary>
    /// <param name="moved">
    /// Called in the turn in which the confirmed state has changed, before anything interleaves; more than once where
    /// there is much to read.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ReplayFailedException">An event cannot be decoded or applied.</exception>
    ValueTask<bool> ReadNewAsync(Action moved, CancellationToken cancellationToken);

    /// <summary>Notifies the grain; what its callback throws is logged.</summary>
    void NotifyChanged(bool tentative, bool confirmed);

    /// <summary>Has a snapshot written where one is due; never throws.</summary>
    void SnapshotIfDue();
}
