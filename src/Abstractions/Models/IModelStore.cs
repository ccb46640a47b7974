namespace Granary;

/// <summary>
/// Tables of models that are derived from the log, and how far each reader of the log has come with them. Rows and
/// checkpoint change in one transaction. Members may be called from many threads and processes at once.
/// </summary>
/// <remarks>
/// <para>As with <see cref="IEventStore"/>, every member may throw <see cref="StoreUnavailableException"/>,
/// <see cref="StoreCorruptException"/> and <see cref="OperationCanceledException"/>.</para>
/// <para>The tables whose names begin with <c>granary_</c> are Granary's own.</para>
/// </remarks>
public interface IModelStore
{
    /// <summary>
    /// Makes the store ready, as <see cref="IEventStore.InitializeAsync"/> does. Called before any other member.
    /// </summary>
    ValueTask InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Creates a table with its columns and their indexes where it is not there. Idempotent.</summary>
    /// <exception cref="StoreSchemaException">The table is there with other columns.</exception>
    ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken);

    /// <summary>
    /// Drops a table with its rows, and every view that shows it. Dropping one that is not there does nothing.
    /// </summary>
    ValueTask DropTableAsync(string table, CancellationToken cancellationToken);

    /// <summary>Changes rows and moves a checkpoint, in one transaction.</summary>
    /// <remarks>
    /// <para>1. The checkpoint is compared and set inside the transaction, against what is stored: it moves where it
    /// stands at <see cref="CheckpointAdvance.From"/> and no later epoch has moved it. One that was never moved stands
    /// at 0 in epoch 0.</para>
    /// <para>2. Every row must have its expected revision (0: no row). All rows are changed, or none. Where the
    /// checkpoint is elsewhere, the answer is <see cref="ModelCommitOutcome.Overtaken"/>, whatever the rows are.</para>
    /// <para>3. A commit that had landed before is answered <see cref="ModelCommitOutcome.Committed"/> as long as
    /// nothing else has moved its checkpoint since, known by <see cref="ModelCheckpoint.CommitId"/>; one without a
    /// checkpoint as long as nothing else has written its rows, known by their revision.</para>
    /// <para>4. What was committed is seen by every read that begins after the call has returned, in any
    /// process.</para>
    /// <para>5. When it throws, everything landed or nothing, and nothing lands later. Committing again is safe.</para>
    /// </remarks>
    /// <param name="commit">The changes.</param>
    /// <param name="cancellationToken">Honoured until the transaction begins.</param>
    ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken);

    /// <summary>The rows of some keys, in no order; a key without a row has none.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">At most <see cref="GranaryLimits.PageSizeMax"/> keys.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>
    /// A page of rows. Within <see cref="GranaryLimits.PageBytesMax"/> of documents, so it may be shorter than its
    /// limit though more rows follow; it has at least one row where there is one.
    /// </summary>
    /// <exception cref="ArgumentException">The query is not allowed (<see cref="ModelQuery.Check"/>).</exception>
    ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken);

    /// <summary>A checkpoint; null where it was never moved.</summary>
    ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken);

    /// <summary>All checkpoints, in no order.</summary>
    ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a reader's checkpoints in all partitions. Deleting one that is not there does nothing.
    /// </summary>
    ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken);
}
