namespace Granary;

/// <summary>
/// The durable, append-only, ordered log that events are stored in. This is what a store implements;
/// everything else is built on it. Members may be called from many threads at once.
/// </summary>
/// <remarks>
/// <para>Every member may throw <see cref="StoreUnavailableException"/> where the store cannot be reached now and
/// trying again may help, <see cref="StoreCorruptException"/> where what is stored contradicts itself, and
/// <see cref="OperationCanceledException"/> where its token is cancelled.</para>
/// <para>The optional conveniences are extension methods in <see cref="EventStoreExtensions"/>.</para>
/// </remarks>
public interface IEventStore
{
    /// <summary>
    /// How many partitions the log has, as in the description. A store that has to look it up has it only when
    /// <see cref="InitializeAsync"/> has returned.
    /// </summary>
    int PartitionCount { get; }

    /// <summary>
    /// Makes the store ready: creates what is missing, migrates what is old, checks the rest. May be called again, also
    /// by several processes at once. To be awaited before any other member is used.
    /// </summary>
    /// <returns>What the store is: the same at every call, by any process.</returns>
    /// <exception cref="StoreSchemaException">
    /// The store was written by a newer Granary, or holds another number of partitions than is configured.
    /// </exception>
    ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Commits appends to one partition and answers each of them in the batch. A store commits them as one durable
    /// transaction where it can, and may take several, one after the other.
    /// </summary>
    /// <remarks>
    /// <para>1. When it returns, every append is answered, and what was appended is durable and visible to
    /// readers.</para>
    /// <para>2. Appends are checked in order, each against the state that those before it left.</para>
    /// <para>3. An append lands whole or not at all. One that conflicts changes nothing and hinders no other.</para>
    /// <para>4. The expected version is checked inside the transaction against what is stored, not against what this
    /// process has read: any number of processes may write.</para>
    /// <para>5. An append that had landed before, known by its <see cref="AppendId"/>, is answered
    /// <see cref="AppendOutcome.AlreadyAppended"/> with the version, position and time of its last event then, also
    /// where the stream was cleared since. It is looked for before anything is written: among the stream's last
    /// <see cref="GranaryLimits.AppendIdWindow"/> events, those included that a clearing made tombstones of; and where
    /// it expects a version, also right after that version, at any distance. Only where a version and its position
    /// are expected and met it is not looked for: it has not landed then. A clearing, whatever it expects, is looked
    /// for among the stream's last <see cref="GranaryLimits.AppendIdWindow"/> clearings.</para>
    /// <para>6. Positions of the partition are 1..n without gaps; a reader never reads p + 1 before p.</para>
    /// <para>7. Clearing a stream adds a <see cref="EventTypes.StreamCleared"/> at the next position and drops its
    /// snapshots, in the same transaction; that does not take longer for a long stream. From then on every reader of
    /// the log, of any process, reads the events before it as tombstones: of the type
    /// <see cref="EventTypes.Tombstone"/>, without payload and metadata, with the stream, version, position, time and
    /// ids of the event. Their content is left in the store until <see cref="ScrubAsync"/> removes it. Clearing a
    /// stream without events writes nothing and is answered <see cref="AppendOutcome.Appended"/> at version 0; a retry
    /// of it clears what the stream holds by then.</para>
    /// <para>8. Recorded time never goes back within a partition: an event has its append's
    /// <see cref="Append.RecordedAt"/> where that is earlier than the batch's time, else the batch's time, or that of
    /// the event before it in the partition where that is later, whichever process wrote it.</para>
    /// <para>9. When it throws, the answers that were set stand: those appends are durable, or conflicted. Of each of
    /// the others either nothing landed or that is unknown, and nothing of it lands later; committing the same appends
    /// again is safe. Cancellation is honoured until the first transaction begins.</para>
    /// <para>10. The batch, its appends' lists of events and their payloads belong to the caller, which uses their
    /// memory again: the store keeps none of them after it has returned or thrown.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">A stream of the batch does not belong to the batch's partition.</exception>
    ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken);

    /// <summary>Where a stream ends, with everything that was committed before the call by any process.</summary>
    ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>
    /// The events of a stream after a version, in order, without gaps, up to the stream's end as it was at some
    /// instant not before the call. Events from before a clearing are not among them. Where the stream was truncated
    /// and the next event after the version was removed, nothing is read: it throws. The cost of the first event does
    /// not grow with the length of the stream; the reader may stop at any event. Where the stream is cleared before the
    /// read has ended, a store that cannot give the rest throws <see cref="StoreUnavailableException"/>.
    /// </summary>
    /// <exception cref="StreamTruncatedException">
    /// The event of the version after <paramref name="after"/> was removed; thrown by the read, at the latest where it
    /// gets there.
    /// </exception>
    IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken);

    /// <summary>
    /// A page of the events of a partition after a position that a filter takes, in order, without gaps, tombstones
    /// included, up to the log's end as it was at some instant not before the call.
    /// </summary>
    /// <remarks>
    /// The store evaluates the filter. It looks at a bounded number of events for a page, and a page of more than one
    /// event is within <see cref="GranaryLimits.PageBytesMax"/> of payload and metadata; so a page may hold fewer
    /// events than the limit allows, or none, though more follow. Where the log goes on after the position, each page
    /// gets further.
    /// </remarks>
    /// <param name="after">The position; exclusive.</param>
    /// <param name="filter">Which events are read.</param>
    /// <param name="limit">How many events the page holds at most; at least 1.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The store has no such partition, or the limit is less than 1.
    /// </exception>
    ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the events of a stream before a version, in one short transaction however many they are: from then on
    /// every reader of the log, of any process, reads them as tombstones, as it reads those of a clearing, and reading
    /// them by stream throws <see cref="StreamTruncatedException"/>. The stream stays at its version, and an append
    /// that had landed is found by its id as before. Snapshots of earlier versions go in the same transaction, in which
    /// <see cref="Truncation.Snapshot"/> is kept, in the place of one of that version.
    /// </summary>
    /// <remarks>
    /// The store does not check that the state can still be read: nothing but the snapshot leads to it from now on.
    /// From now on that snapshot is neither pruned nor replaced, whatever is written. A retry, and a truncation before
    /// an earlier version than the stream was truncated before already, changes nothing and is true.
    /// </remarks>
    /// <param name="truncation">The stream, and the first event that stays.</param>
    /// <param name="cancellationToken">Honoured until the transaction begins.</param>
    /// <returns>
    /// Whether the events before are removed, durably. False, with nothing changed, where the event that stays is not
    /// at its position: the stream was cleared since, or has no such event.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The version is 0, the position is not in the stream's partition, or the snapshot is of another event.
    /// </exception>
    ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken);

    /// <summary>
    /// Removes from the store the content of events that were cleared or truncated: of at most so many, in one short
    /// transaction, those of the oldest clearing of a partition first. What is read is the same before and after.
    /// </summary>
    /// <remarks>
    /// <para>What is left is known to the store itself: any process continues where another one ended, also where that
    /// was killed, and any number of processes may call it at once. A silo calls it after it has started, after each
    /// clearing and truncation of its own, and every minute.</para>
    /// <para>Where events are large, a call may remove the content of fewer than it is allowed, but of one at least.
    /// When nothing is left, none of what was removed is in what the store's readers use; a store that keeps old bytes
    /// for a time, such as those of a journal, removes them as soon as it can.</para>
    /// </remarks>
    /// <param name="eventsMax">Of how many events at most; at least 1.</param>
    /// <param name="cancellationToken">Honoured until the transaction begins.</param>
    /// <returns>Whether more is left. False where there was nothing to do.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="eventsMax"/> is less than 1.</exception>
    ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken);
}
