using Orleans.Concurrency;

namespace Granary;

/// <summary>
/// Removes events of a grain on Granary: <c>grain.AsReference&lt;IRetentionExtension&gt;()</c>. What is removed cannot
/// be read any more by anybody.
/// </summary>
[Alias("granary.IRetentionExtension")]
public interface IRetentionExtension : IGrainExtension
{
    /// <summary>
    /// Deletes all events of the grain: its stream starts again at version 0, and the grain at its initial state, as
    /// with <c>ClearLogAsync</c>. What the grain has raised before is confirmed first. It waits for the grain's turn.
    /// </summary>
    /// <param name="expected">What the stream's version must be.</param>
    /// <param name="cancellationToken">Cancels it until it begins.</param>
    /// <exception cref="WrongExpectedVersionException">
    /// The stream is at another version. Nothing is deleted.
    /// </exception>
    [Alias("Delete")]
    Task Delete(ExpectedVersion expected, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes the grain's events before a version. Its state and its version stay. A snapshot of that version takes
    /// the place of the events: it is folded from them and decoded before, and kept in the transaction that removes
    /// them. The states from that version on can still be read; an earlier one is answered with
    /// <see cref="StreamTruncatedException"/>. Calls interleave with the grain's own turns.
    /// </summary>
    /// <remarks>
    /// Readers of the log that have a checkpoint hold back what they have not passed: then fewer events are removed,
    /// and <see cref="TruncateAnswer.HeldBackBy"/> names the one that is furthest behind. One that takes no events of
    /// the stream's category does not, where the silo has its code. Sent again it does no more.
    /// </remarks>
    /// <param name="before">The version of the first event that stays, at least 1.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels it until the events are removed.</param>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    /// <exception cref="StreamNotTruncatedException">
    /// No snapshot can be kept of its state, the stream was cleared meanwhile, or it is of other grains. Nothing is
    /// removed.
    /// </exception>
    [AlwaysInterleave, Alias("Truncate")]
    Task<TruncateAnswer> Truncate(
        StreamVersion before, TruncateOptions? options = null, CancellationToken cancellationToken = default);
}
