using System.Collections.Concurrent;

namespace Granary.Testing;

/// <summary>
/// A store that fails on command: before a commit, after it, or by making it wait. Everything else goes to the store it
/// wraps. For tests of what a grain does then.
/// </summary>
/// <param name="inner">The store that does the work.</param>
public sealed class FaultInjectingEventStore(IEventStore inner) : IEventStore
{
    private readonly ConcurrentQueue<CommitGate> _gates = new();
    private int _failBefore;
    private int _failAfter;
    private int _conflicts;
    private int _commits;
    private int _streamReads;

    /// <inheritdoc />
    public int PartitionCount => inner.PartitionCount;

    /// <summary>How many commits the store has made, those included whose answers were lost.</summary>
    public int Commits => Volatile.Read(ref _commits);

    /// <summary>How many times a stream's events were asked for.</summary>
    public int StreamReads => Volatile.Read(ref _streamReads);

    /// <summary>The next commits fail and write nothing.</summary>
    /// <param name="commits">How many; 0 ends it.</param>
    public void FailBeforeCommit(int commits) => Volatile.Write(ref _failBefore, commits);

    /// <summary>The next commits are written and then fail: their answers are lost.</summary>
    /// <param name="commits">How many; 0 ends it.</param>
    public void FailAfterCommit(int commits) => Volatile.Write(ref _failAfter, commits);

    /// <summary>All appends of the next commits are answered with a conflict and written nowhere.</summary>
    /// <param name="commits">How many; 0 ends it.</param>
    public void ConflictOnCommit(int commits) => Volatile.Write(ref _conflicts, commits);

    /// <summary>
    /// Lets the next commit wait until the gate is opened; called again, the one behind it waits at a gate of its own.
    /// </summary>
    public CommitGate HoldNextCommit()
    {
        var gate = new CommitGate();
        _gates.Enqueue(gate);
        return gate;
    }

    /// <inheritdoc />
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        if (_gates.TryDequeue(out var gate)) await gate.PassAsync(cancellationToken);
        if (Use(ref _failBefore)) throw new StoreUnavailableException("Injected: failed before the commit.");
        if (Use(ref _conflicts))
        {
            await ConflictAsync(batch, cancellationToken);
            return;
        }

        await inner.CommitAsync(batch, cancellationToken);
        Interlocked.Increment(ref _commits);
        if (Use(ref _failAfter)) throw new StoreUnavailableException("Injected: failed after the commit.");
    }

    /// <inheritdoc />
    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        inner.ReadHeadAsync(stream, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _streamReads);
        return inner.ReadStreamAsync(stream, after, cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadLogAsync(LogPosition after, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(after, cancellationToken);

    private async ValueTask ConflictAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        for (var at = 0; at < batch.Appends.Count; at++)
        {
            var head = await inner.ReadHeadAsync(batch.Appends[at].Stream, cancellationToken);
            batch.SetResult(at, new(AppendOutcome.Conflict, head.Version, head.Position, batch.Timestamp));
        }
    }

    private static bool Use(ref int remaining)
    {
        for (var seen = Volatile.Read(ref remaining); seen > 0;)
        {
            var found = Interlocked.CompareExchange(ref remaining, seen - 1, seen);
            if (found == seen) return true;
            seen = found;
        }

        return false;
    }
}
