namespace Granary.Tests.Unit.Adoption;

/// <summary>A store that takes few events at once, and counts what is read of it.</summary>
internal sealed class LimitedStore(IEventStore inner, int eventsMax) : IEventStore
{
    private int _headReads;

    public int PartitionCount => inner.PartitionCount;

    public int HeadReads => Volatile.Read(ref _headReads);

    public async ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        var description = await inner.InitializeAsync(cancellationToken);
        return description with { Limits = description.Limits with { AppendEventsMax = eventsMax } };
    }

    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        inner.CommitAsync(batch, cancellationToken);

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _headReads);
        return inner.ReadHeadAsync(stream, cancellationToken);
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        inner.ReadStreamAsync(stream, after, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(after, filter, limit, cancellationToken);

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        inner.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        inner.ScrubAsync(eventsMax, cancellationToken);
}
