namespace Granary.Testing;

/// <summary>
/// A store that fails, conflicts or waits on command; everything else goes to the store that it wraps. For tests of
/// what a grain does then. Register its <see cref="Snapshots"/> beside it to do the same with snapshots.
/// </summary>
public sealed class FaultInjectingEventStore : IEventStore
{
    private readonly IEventStore _inner;
    private readonly FaultPoint _beforeCommit = new("the commit, before it was written");
    private readonly FaultPoint _afterCommit = new("the commit, after it was written");
    private readonly FaultPoint _heads = new("a read of a stream's head");
    private readonly FaultPoint _streams = new("a read of a stream");
    private readonly FaultPoint _log = new("a read of the log");
    private readonly FaultPoint _truncations = new("a truncation");
    private readonly FaultPoint _scrubs = new("a removal of what was cleared");
    private readonly FaultInjectingSnapshotStore? _snapshots;
    private int _conflicts;
    private int _commits;
    private int _streamReads;

    /// <summary>Wraps a store.</summary>
    /// <param name="inner">The store that does the work.</param>
    /// <param name="snapshots">The snapshot store to wrap as well; null where snapshots are not used.</param>
    public FaultInjectingEventStore(IEventStore inner, ISnapshotStore? snapshots = null)
    {
        _inner = inner;
        if (snapshots is not null) _snapshots = new FaultInjectingSnapshotStore(snapshots);
    }

    /// <inheritdoc />
    public int PartitionCount => _inner.PartitionCount;

    /// <summary>The snapshot store whose reads and writes fail and wait on command.</summary>
    /// <exception cref="InvalidOperationException">None was given to the constructor.</exception>
    public ISnapshotStore Snapshots => SnapshotFaults;

    /// <summary>
    /// How many commits the store has made, including those whose answers were lost; commits that were answered with a
    /// conflict on command are not counted.
    /// </summary>
    public int Commits => Volatile.Read(ref _commits);

    /// <summary>How many times the events of a stream were read.</summary>
    public int StreamReads => Volatile.Read(ref _streamReads);

    private FaultInjectingSnapshotStore SnapshotFaults => _snapshots
        ?? throw new InvalidOperationException("Give the constructor a snapshot store to make its snapshots fail.");

    /// <summary>The next commits fail with <see cref="StoreUnavailableException"/> and write nothing.</summary>
    /// <param name="commits">How many; 0 ends it.</param>
    public void FailBeforeCommit(int commits) => _beforeCommit.Fail(commits);

    /// <summary>
    /// The next commits are written and then fail with <see cref="StoreUnavailableException"/>: their answers are lost.
    /// </summary>
    /// <param name="commits">How many; 0 ends it.</param>
    public void FailAfterCommit(int commits) => _afterCommit.Fail(commits);

    /// <summary>
    /// The next commits write nothing: each of their appends is answered with a conflict, as if another writer had been
    /// faster. An append that had landed before is answered as such, as every store does.
    /// </summary>
    /// <param name="commits">How many; 0 ends it.</param>
    public void ConflictOnCommit(int commits) => Volatile.Write(ref _conflicts, commits);

    /// <summary>The next reads fail with <see cref="StoreUnavailableException"/>.</summary>
    /// <param name="reads">How many; 0 ends it. Each kind is counted for itself.</param>
    /// <param name="kinds">Which reads.</param>
    /// <param name="afterEvents">
    /// How many events a read of a stream or of the log returns before it fails; a shorter one fails at its end.
    /// </param>
    public void FailReads(int reads, StoreReads kinds = StoreReads.All, int afterEvents = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterEvents);
        if (kinds.HasFlag(StoreReads.Heads)) _heads.Fail(reads);
        if (kinds.HasFlag(StoreReads.Streams)) _streams.Fail(reads, afterEvents);
        if (kinds.HasFlag(StoreReads.Log)) _log.Fail(reads, afterEvents);
    }

    /// <summary>
    /// The next truncations fail with <see cref="StoreUnavailableException"/> and remove nothing.
    /// </summary>
    /// <param name="calls">How many; 0 ends it.</param>
    public void FailTruncations(int calls) => _truncations.Fail(calls);

    /// <summary>The next truncation waits, before it removes anything, until the gate is opened.</summary>
    /// <returns>A gate for one call; called again, a gate for the call after that.</returns>
    public StoreGate HoldNextTruncation() => _truncations.Hold();

    /// <summary>
    /// The next calls of <see cref="ScrubAsync"/> fail with <see cref="StoreUnavailableException"/> and remove nothing.
    /// </summary>
    /// <param name="calls">How many; 0 ends it.</param>
    public void FailScrubs(int calls) => _scrubs.Fail(calls);

    /// <summary>The next writes of a snapshot fail with <see cref="StoreUnavailableException"/>.</summary>
    /// <param name="writes">How many; 0 ends it.</param>
    public void FailSnapshotWrites(int writes) => SnapshotFaults.Writes.Fail(writes);

    /// <summary>The next reads of a snapshot fail with <see cref="StoreUnavailableException"/>.</summary>
    /// <param name="reads">How many; 0 ends it.</param>
    public void FailSnapshotReads(int reads) => SnapshotFaults.Reads.Fail(reads);

    /// <summary>The next commit waits, before it is written, until the gate is opened.</summary>
    /// <returns>A gate for one commit; called again, a gate for the commit after that.</returns>
    public StoreGate HoldNextCommit() => _beforeCommit.Hold();

    /// <summary>The next read of a kind waits, before it reads, until the gate is opened.</summary>
    /// <param name="kind">One kind of read.</param>
    /// <returns>A gate for one read; called again, a gate for the read after that.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the kinds, or several.</exception>
    public StoreGate HoldNextRead(StoreReads kind) => kind switch
    {
        StoreReads.Heads => _heads.Hold(),
        StoreReads.Streams => _streams.Hold(),
        StoreReads.Log => _log.Hold(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Name one kind of read."),
    };

    /// <summary>The next call of <see cref="ScrubAsync"/> waits until the gate is opened.</summary>
    /// <returns>A gate for one call; called again, a gate for the call after that.</returns>
    public StoreGate HoldNextScrub() => _scrubs.Hold();

    /// <summary>The next write of a snapshot waits until the gate is opened.</summary>
    public StoreGate HoldNextSnapshotWrite() => SnapshotFaults.Writes.Hold();

    /// <summary>The next read of a snapshot waits until the gate is opened.</summary>
    public StoreGate HoldNextSnapshotRead() => SnapshotFaults.Reads.Hold();

    /// <inheritdoc />
    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        _inner.InitializeAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        await _beforeCommit.PassAsync(cancellationToken);
        if (FaultPoint.Use(ref _conflicts))
        {
            await ConflictAsync(batch, cancellationToken);
            return;
        }

        // An answer that is set stands, also where the commit throws: one that is to be lost is not set.
        var committed = new AppendBatch(batch.Partition, batch.Timestamp, batch.Appends);
        await _inner.CommitAsync(committed, cancellationToken);
        Interlocked.Increment(ref _commits);
        await _afterCommit.PassAsync(cancellationToken);
        CopyResults(committed, batch);
    }

    /// <inheritdoc />
    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        await _heads.PassAsync(cancellationToken);
        return await _inner.ReadHeadAsync(stream, cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _streamReads);
        return _streams.PassAsync(token => _inner.ReadStreamAsync(stream, after, token), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        await _log.PassAsync(cancellationToken);
        return await _inner.ReadLogAsync(after, filter, limit, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        await _truncations.PassAsync(cancellationToken);
        return await _inner.TruncateAsync(truncation, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        await _scrubs.PassAsync(cancellationToken);
        return await _inner.ScrubAsync(eventsMax, cancellationToken);
    }

    // The store itself answers: it gets expectations that no stream meets. It still finds what had landed before by its
    // id, because it searches for that after the expected version.
    private async ValueTask ConflictAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var unmet = new List<Append>(batch.Appends.Count);
        foreach (var append in batch.Appends) unmet.Add(await WithUnmetExpectationAsync(append, cancellationToken));
        var refused = new AppendBatch(batch.Partition, batch.Timestamp, unmet);
        await _inner.CommitAsync(refused, cancellationToken);
        CopyResults(refused, batch);
    }

    private static void CopyResults(AppendBatch from, AppendBatch to)
    {
        for (var at = 0; at < from.Results.Count; at++) to.SetResult(at, from.Results[at]);
    }

    private async ValueTask<Append> WithUnmetExpectationAsync(Append append, CancellationToken cancellationToken)
    {
        var version = append.Expected.Kind == ExpectedVersionKind.Exactly
            ? append.Expected.Version
            : await FindVersionBeforeAsync(append, cancellationToken);
        var never = ExpectedVersion.Exactly(version, new(long.MaxValue));
        return append.ClearsStream
            ? Append.Clear(append.Stream, never, append.Id)
            : new Append(append.Stream, never, append.Id, append.Events);
    }

    // The version after which an append without an expected version landed; where it did not, the stream's own.
    private async ValueTask<StreamVersion> FindVersionBeforeAsync(Append append, CancellationToken cancellationToken)
    {
        var head = await _inner.ReadHeadAsync(append.Stream, cancellationToken);
        var after = new StreamVersion(Math.Max(0, head.Version.Value - GranaryLimits.AppendIdWindow));
        await foreach (var recorded in _inner.ReadStreamAsync(append.Stream, after, cancellationToken))
        {
            if (recorded.AppendId == append.Id) return new(recorded.Version.Value - 1);
        }

        return head.Version;
    }
}
