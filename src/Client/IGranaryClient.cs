using Granary.Contracts;

namespace Granary.Client;

/// <summary>
/// Streams, their states now and in the past, and the log, over an Orleans client. Errors that the cluster gives come
/// through as they are. A read that is cancelled ends in the cluster too. Reads, and appends with an idempotency key,
/// are sent again for 3 seconds where a silo stops or is lost.
/// </summary>
public interface IGranaryClient
{
    /// <summary>
    /// Appends events to a stream of JSON events, all or none. Cancelling ends the wait for the answer and not the
    /// append, once it is sent: where that matters, send it again with the same idempotency key.
    /// </summary>
    /// <exception cref="CategoryOwnedException">
    /// The category is that of another aggregate, which decides itself.
    /// </exception>
    /// <exception cref="CommandIdReusedException">The idempotency key was used for other events.</exception>
    /// <exception cref="LimitExceededException">Something is too large.</exception>
    /// <exception cref="EventsNotConfirmedException">
    /// The store did not take the events within the time for retries; whether they are stored is not known.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled: where that was before the call, nothing is sent; else the events may be appended all the same.
    /// </exception>
    Task<StreamAppendAnswer> AppendAsync(StreamName stream, StreamAppend append, CancellationToken cancellationToken);

    /// <summary>Where a stream ends; version 0 where it holds nothing.</summary>
    Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>A page of a stream's events.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">
    /// Forward: the version after which to start. Backward: the version before which to start.
    /// </param>
    /// <param name="limit">How many at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="direction">Oldest or newest first.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<EventPage> ReadStreamAsync(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction, CancellationToken cancellationToken);

    /// <summary>The state of a stream or of any other aggregate, now.</summary>
    /// <exception cref="InvalidStreamKeyException">The grains of the category have no such keys.</exception>
    Task<StateView> ReadStateAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>The state as it was at a version.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    Task<StateView> ReadStateAsync(StreamName stream, StreamVersion version, CancellationToken cancellationToken);

    /// <summary>The state as it was at an instant.</summary>
    Task<StateView> ReadStateAsync(StreamName stream, DateTimeOffset instant, CancellationToken cancellationToken);

    /// <summary>A page of the log, oldest first, tombstones included.</summary>
    Task<EventPage> ReadLogAsync(LogPosition after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a category is that of an aggregate, which decides itself what happens to its streams; all others are of
    /// JSON events.
    /// </summary>
    bool IsOfAggregate(string category);

    /// <summary>
    /// Deletes all events of a stream of any category; it starts again at version 0. Cancelling ends the wait for the
    /// answer, and not the deletion once it has begun.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">
    /// What the stream's version must be. With <see cref="ExpectedVersion.Exactly(StreamVersion, GlobalPosition)"/> a
    /// call that is sent again deletes nothing that came since.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="WrongExpectedVersionException">The stream is at another version.</exception>
    Task DeleteStreamAsync(StreamName stream, ExpectedVersion expected, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the events of a stream of any category before a version; see
    /// <see cref="IRetentionExtension.Truncate"/>. Sent again it does no more.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The version of the first event that stays, at least 1.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    /// <exception cref="StreamNotTruncatedException">It cannot be truncated.</exception>
    Task<TruncateAnswer> TruncateStreamAsync(
        StreamName stream, StreamVersion before, TruncateOptions? options, CancellationToken cancellationToken);

    /// <summary>
    /// The events of the log from a place on, and then each that is added, as soon as it is stored. Those of one
    /// partition, and so of one stream, come in their order, each once; between partitions there is no order.
    /// Tombstones are among them. The enumeration ends by an error or when it is cancelled.
    /// </summary>
    /// <remarks>
    /// Each enumeration is a subscription of its own, and keeps no record of what was read: keep the positions of the
    /// events that you have dealt with, and begin after them the next time. It reads a page of about 1 MiB ahead, 8
    /// MiB at most where events are large, and no more while the caller does not ask for the next event. Silos and
    /// stores that are away are called again for about 30 seconds; then the enumeration ends with their error.
    /// </remarks>
    /// <param name="from">Where it begins, and which partitions it is of.</param>
    /// <param name="filter">Which events are read; null for all. The store evaluates it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The log has no such partition; when it is enumerated.</exception>
    /// <exception cref="LogReplacedException">
    /// The log ends before a position that was read: it was restored from an older copy, or is another store's. When it
    /// is enumerated.
    /// </exception>
    /// <exception cref="LimitExceededException">
    /// The filter names more streams than <see cref="GranaryLimits.FilterStreamsMax"/>.
    /// </exception>
    IAsyncEnumerable<RecordedEvent> SubscribeAsync(
        LogStart from, LogFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Where the log ends now: a subscription that begins after these positions misses nothing that is stored from now
    /// on.
    /// </summary>
    Task<LogPositions> ReadEndsAsync(CancellationToken cancellationToken);

    /// <summary>How many partitions the log has. Calls the cluster, which reads it from the store.</summary>
    Task<int> GetPartitionCountAsync(CancellationToken cancellationToken);
}
