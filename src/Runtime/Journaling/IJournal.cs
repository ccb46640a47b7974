namespace Granary.Runtime;

/// <summary>
/// A grain's journal without its types: what the parts of Granary that serve every grain need of an activation. It is a
/// component of the grain's context, and is used in the grain's own turns only.
/// </summary>
internal interface IJournal
{
    /// <summary>The grain's stream.</summary>
    StreamName Stream { get; }

    /// <summary>The version of the confirmed state.</summary>
    StreamVersion Version { get; }

    /// <summary>The position of the last confirmed event.</summary>
    LogPosition Position { get; }

    /// <summary>The confirmed state.</summary>
    object ConfirmedState { get; }

    /// <summary>The confirmed state as a snapshot; null where it cannot be written, or there is none.</summary>
    Snapshot? TakeSnapshot();

    /// <summary>What replaying the events after the last stored snapshot would cost.</summary>
    ReplayCost CostSinceSnapshot => default;

    /// <summary>A state as it is before the first event.</summary>
    object CreateState();

    /// <summary>Decodes a snapshot or returns null where it does not match the state type.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="ofOtherCode">Whether it may be of other code, or of another shape of the state type.</param>
    object? DecodeSnapshot(Snapshot snapshot, bool ofOtherCode = false);

    /// <summary>Whether a snapshot is of a grain of this one's type.</summary>
    bool IsOwn(Snapshot snapshot) => true;

    /// <summary>Whether the state of a truncated stream may come from a snapshot of other code.</summary>
    bool AcceptsOldSnapshots => false;

    /// <summary>
    /// A snapshot of the state as it was at a version, with what a grain keeps of its commands; null where the state
    /// cannot be written, or the stream has no such version.
    /// </summary>
    /// <exception cref="ReplayFailedException">An event cannot be decoded or applied.</exception>
    /// <exception cref="StreamTruncatedException">The events that it needs were removed.</exception>
    ValueTask<Snapshot?> TakeSnapshotAtAsync(StreamVersion version, CancellationToken cancellationToken);

    /// <summary>Deletes the stream's events, after what was raised before is stored.</summary>
    /// <exception cref="WrongExpectedVersionException">The stream is at another version than expected.</exception>
    Task DeleteAsync(ExpectedVersion expected, CancellationToken cancellationToken);

    /// <summary>Folds a stored event into a state that is not the grain's own.</summary>
    /// <exception cref="ReplayFailedException">The event cannot be decoded or applied.</exception>
    void Fold(object state, RecordedEvent recorded);
}
