namespace Granary.Contracts;

/// <summary>
/// Reads the store for clients that are not silos, without activating the aggregates. Any key will do. A token that is
/// cancelled ends the read at the grain too.
/// </summary>
[Alias("granary.ILogGrain")]
public interface ILogGrain : IGrainWithIntegerKey
{
    /// <summary>How many partitions the log has.</summary>
    [Alias("GetPartitionCount")]
    Task<int> GetPartitionCount();

    /// <summary>A page of the log, oldest first, tombstones included.</summary>
    /// <param name="after">The position after which to start.</param>
    /// <param name="limit">How many events at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The log has no such partition, or the limit is out of its range.
    /// </exception>
    [Alias("ReadLog")]
    Task<EventPage> ReadLog(LogPosition after, int limit, CancellationToken cancellationToken = default);

    /// <summary>A page of the events of the log that a filter takes, which the store evaluates.</summary>
    /// <param name="after">The position after which to start.</param>
    /// <param name="filter">Which events are read.</param>
    /// <param name="limit">How many events at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The log has no such partition, or the limit is out of its range.
    /// </exception>
    [Alias("ReadLogPage")]
    Task<LogPage> ReadLogPage(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until one of several partitions may have grown, for so long at most. It is a hint: who gets nothing reads
    /// the log all the same, after a time of its own.
    /// </summary>
    /// <param name="after">The position through which the waiter has read, one a partition.</param>
    /// <param name="max">How long; at most <see cref="GranaryLimits.LogWaitMaxMs"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The partitions that may have grown; none where the time is over, the silo stops, or the store does not know of
    /// growth.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The log has no such partition, or the time is too long.
    /// </exception>
    [Alias("WaitForMore")]
    Task<IReadOnlyList<LogPartition>> WaitForMore(
        IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken = default);

    /// <summary>Where a stream ends.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    [Alias("ReadHead")]
    Task<StreamHead> ReadHead(StreamName stream, CancellationToken cancellationToken = default);

    /// <summary>A page of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">
    /// Forward: the version after which to start. Backward: the version before which to start.
    /// </param>
    /// <param name="limit">How many events at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="direction">Oldest or newest first.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    [Alias("ReadStream")]
    Task<EventPage> ReadStream(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction,
        CancellationToken cancellationToken = default);
}
