using System.Runtime.CompilerServices;
using Granary.Contracts;

namespace Granary.Client;

internal sealed class GranaryClient(
    IGrainFactory grains, IClusterManifestProvider manifests, ILogSource source, TimeProvider time) : IGranaryClient
{
    private static readonly GrainType Streams = GrainType.Create(IEventStreamGrain.GrainType);

    private readonly StreamGrains _grainIds = new(manifests, Streams);
    private volatile Interface? _streamInterface;

    public Task<StreamAppendAnswer> AppendAsync(
        StreamName stream, StreamAppend append, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<StreamAppendAnswer>(cancellationToken);
        if (IsOfAggregate(stream.Category)) throw new CategoryOwnedException(stream.Category);
        var grain = StreamOf(stream);

        // Without a key it would be stored twice, where only the answer to the first call was lost.
        return append.IdempotencyKey is null
            ? grain.Append(append).WaitAsync(cancellationToken)
            : SafeRetry.RunAsync(() => grain.Append(append), time, cancellationToken);
    }

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        ReadAsync(() => Log.ReadHead(stream, cancellationToken), cancellationToken);

    public Task<EventPage> ReadStreamAsync(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction,
            CancellationToken cancellationToken) =>
        ReadAsync(() => Log.ReadStream(stream, from, limit, direction, cancellationToken), cancellationToken);

    public Task<StateView> ReadStateAsync(StreamName stream, CancellationToken cancellationToken) =>
        ReadAsync(() => HistoryOf(stream).ReadState(cancellationToken), cancellationToken);

    public Task<StateView> ReadStateAsync(
        StreamName stream, StreamVersion version, CancellationToken cancellationToken) =>
        ReadAsync(() => HistoryOf(stream).ReadStateAtVersion(version, cancellationToken), cancellationToken);

    public Task<StateView> ReadStateAsync(
        StreamName stream, DateTimeOffset instant, CancellationToken cancellationToken) =>
        ReadAsync(() => HistoryOf(stream).ReadStateAtInstant(instant, cancellationToken), cancellationToken);

    public Task<EventPage> ReadLogAsync(
        LogPosition after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(() => Log.ReadLog(after, limit, cancellationToken), cancellationToken);

    public Task<int> GetPartitionCountAsync(CancellationToken cancellationToken) =>
        ReadAsync(() => Log.GetPartitionCount(), cancellationToken);

    public IAsyncEnumerable<RecordedEvent> SubscribeAsync(
        LogStart from, LogFilter? filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.FilterStreamsMax, filter?.Streams?.Count ?? 0, "streams of a filter",
            "Filter by category, or subscribe more than once.");
        return FollowAsync(from, filter ?? LogFilter.All, cancellationToken);
    }

    public async Task<LogPositions> ReadEndsAsync(CancellationToken cancellationToken) =>
        await source.ResolveAsync(LogStart.End, time, cancellationToken);

    public bool IsOfAggregate(string category) => _grainIds.KeyKindOf(category) is not null;

    public Task DeleteStreamAsync(StreamName stream, ExpectedVersion expected, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : RetentionOf(stream).Delete(expected, cancellationToken).WaitAsync(cancellationToken);

    public Task<TruncateAnswer> TruncateStreamAsync(
        StreamName stream, StreamVersion before, TruncateOptions? options, CancellationToken cancellationToken) =>
        SafeRetry.RunAsync(
            () => RetentionOf(stream).Truncate(before, options, cancellationToken), time, cancellationToken);

    // Each enumeration is a subscription of its own.
    private async IAsyncEnumerable<RecordedEvent> FollowAsync(
        LogStart from, LogFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = await source.ResolveAsync(from, time, cancellationToken);
        await foreach (var recorded in new LogFollower(source, start, filter, time).FollowAsync(cancellationToken))
            yield return recorded;
    }

    private Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken) =>
        SafeRetry.RunAsync(read, time, cancellationToken);

    private ILogGrain Log => grains.GetGrain<ILogGrain>(0);

    private IHistoryExtension HistoryOf(StreamName stream) =>
        grains.GetGrain(_grainIds.GrainOf(stream)).AsReference<IHistoryExtension>();

    private IRetentionExtension RetentionOf(StreamName stream) =>
        grains.GetGrain(_grainIds.GrainOf(stream)).AsReference<IRetentionExtension>();

    // By its type a grain is found through the attributes of its interface, read anew each time: once is enough.
    private IEventStreamGrain StreamOf(StreamName stream)
    {
        var name = stream.ToString();
        if (_streamInterface is { } known)
            return (IEventStreamGrain)grains.GetGrain(GrainId.Create(Streams, name), known.Type);
        var grain = grains.GetGrain<IEventStreamGrain>(name);
        if (grain is GrainReference reference) _streamInterface = new(reference.InterfaceType);
        return grain;
    }

    private sealed record Interface(GrainInterfaceType Type);
}
