namespace Granary;

/// <summary>Shows and steers the readers of the log. Any key will do.</summary>
/// <remarks>
/// Members that name a reader throw <see cref="ReaderUnknownException"/> where there is none of that name.
/// </remarks>
[Alias("granary.IReadersGrain")]
public interface IReadersGrain : IGrainWithIntegerKey
{
    /// <summary>How all readers stand, each in every partition, ordered by name and partition.</summary>
    /// <param name="name">The name of one reader; null for all.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    [Alias("GetStatus")]
    Task<IReadOnlyList<ReaderStatus>> GetStatus(string? name = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Pauses a reader in all partitions: it finishes the batch that it has begun. Idempotent, and kept in the store.
    /// </summary>
    [Alias("Pause")]
    Task Pause(string name, CancellationToken cancellationToken = default);

    /// <summary>Resumes a reader that was paused or has stopped, in all partitions. Idempotent.</summary>
    [Alias("Resume")]
    Task Resume(string name, CancellationToken cancellationToken = default);

    /// <summary>A page of a reader's parked streams.</summary>
    /// <param name="name">The reader's name.</param>
    /// <param name="after">The page before ended there; null for the first page.</param>
    /// <param name="limit">How many at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    [Alias("ReadParked")]
    Task<ParkedPage> ReadParked(
        string name, string? after = null, int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets a reader handle the events of a parked stream, from the first that waits: the stream is parked no more
    /// where
    /// that succeeds, and stays parked with the new error where it does not.
    /// </summary>
    /// <returns>Whether the stream was parked.</returns>
    [Alias("RetryParked")]
    Task<bool> RetryParked(string name, StreamName stream, CancellationToken cancellationToken = default);

    /// <summary>
    /// Drops the events of a parked stream that wait: the reader never handles them, and goes on with what is recorded
    /// after the position that it has passed.
    /// </summary>
    /// <returns>Whether the stream was parked.</returns>
    [Alias("DropParked")]
    Task<bool> DropParked(string name, StreamName stream, CancellationToken cancellationToken = default);
}
