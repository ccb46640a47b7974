namespace Granary;

/// <summary>
/// Where snapshots are kept. A snapshot is a shortcut, never the truth: losing one costs time, and one that does not
/// match is ignored by its reader.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>
    /// How many snapshots of a stream are kept; the oldest beyond that go. The one of the version that the stream was
    /// truncated before is kept beside them: nothing else leads to the states from there on.
    /// </summary>
    const int KeptMax = 16;

    /// <summary>
    /// Keeps a snapshot; one of the same stream and version is replaced, but for the one of the version that the stream
    /// was truncated before: where there is one, a later one is ignored. One whose position is not after the stream's
    /// last clearing, or before the event that the stream was truncated before, is ignored, checked in the transaction
    /// that keeps it: a snapshot may be written late, and must not bring back what was removed.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It could not be kept now.</exception>
    ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The newest snapshot of a stream that meets both bounds, or null.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="atMost">The greatest version wanted.</param>
    /// <param name="notAfter">
    /// The latest instant wanted, or null for any; compared with <see cref="Snapshot.Timestamp"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached now.</exception>
    ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken);
}
