namespace Granary.Tests.Conformance.GrainStorage;

/// <summary>A store that was restored from a backup: it has the id of the one that it is a copy of.</summary>
internal sealed class RestoredStore(IEventStore original, IEventStore copy) : IEventStore
{
    public int PartitionCount => copy.PartitionCount;

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        original.InitializeAsync(cancellationToken);

    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        copy.CommitAsync(batch, cancellationToken);

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        copy.ReadHeadAsync(stream, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        copy.ReadStreamAsync(stream, after, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        copy.ReadLogAsync(after, filter, limit, cancellationToken);

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        copy.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        copy.ScrubAsync(eventsMax, cancellationToken);
}
