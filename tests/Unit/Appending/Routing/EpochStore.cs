using System.Collections.Concurrent;
using Granary.Runtime;

namespace Granary.Tests.Unit.Appending.Routing;

/// <summary>A store with epochs, in memory, as one process has it; several share the log and the epochs.</summary>
internal sealed class EpochStore(EpochStore? shared = null, int partitions = 1) : IEventStore, IPartitionEpochs
{
    private readonly MemoryEventStore _log = shared?._log ?? new MemoryEventStore(partitions);
    private readonly long[] _epochs = shared?._epochs ?? [.. Enumerable.Repeat(1L, partitions)];

    /// <summary>The batches that this process committed, or tried to.</summary>
    public ConcurrentQueue<(long Epoch, string[] Keys)> Commits { get; } = [];

    /// <summary>What a commit of this process waits for.</summary>
    public Func<AppendBatch, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Where set, thrown by <see cref="BeginEpochAsync"/>.</summary>
    public Exception? BeginError { get; set; }

    public int PartitionCount => _log.PartitionCount;

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        _log.InitializeAsync(cancellationToken);

    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        Commits.Enqueue((batch.Epoch, [.. batch.Appends.Select(static one => one.Stream.Key)]));
        await Before(batch);
        Task committing;
        lock (_epochs)
        {
            var current = _epochs[batch.Partition.Value];
            if (batch.Epoch != 0 && batch.Epoch != current)
                throw new StaleEpochException(batch.Partition, batch.Epoch, current);
            committing = _log.CommitAsync(batch, cancellationToken).AsTask();
        }

        await committing;
    }

    public ValueTask<long> ReadEpochAsync(LogPartition partition, CancellationToken cancellationToken)
    {
        lock (_epochs) return ValueTask.FromResult(_epochs[partition.Value]);
    }

    public ValueTask<long> BeginEpochAsync(LogPartition partition, CancellationToken cancellationToken)
    {
        if (BeginError is not null) throw BeginError;
        lock (_epochs) return ValueTask.FromResult(++_epochs[partition.Value]);
    }

    /// <summary>As where a copy of the database, of an earlier time, has replaced it.</summary>
    public void ReturnTo(long epoch)
    {
        lock (_epochs) Array.Fill(_epochs, epoch);
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        _log.ReadHeadAsync(stream, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        _log.ReadStreamAsync(stream, after, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        _log.ReadLogAsync(after, filter, limit, cancellationToken);

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        _log.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        _log.ScrubAsync(eventsMax, cancellationToken);
}
