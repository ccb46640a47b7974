namespace Granary.Tests.Unit.Following;

/// <summary>The store that a test has at the time: another one where it was replaced.</summary>
internal sealed class SwitchedStore(Func<IEventStore> current, Func<Task>? onRead = null) : IEventStore
{
    public int PartitionCount => current().PartitionCount;

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        current().InitializeAsync(cancellationToken);

    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        current().CommitAsync(batch, cancellationToken);

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        current().ReadHeadAsync(stream, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        current().ReadStreamAsync(stream, after, cancellationToken);

    public async ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (onRead is not null) await onRead();
        return await current().ReadLogAsync(after, filter, limit, cancellationToken);
    }

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        current().TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        current().ScrubAsync(eventsMax, cancellationToken);
}
