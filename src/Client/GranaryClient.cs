using Granary.Contracts;

namespace Granary.Client;

internal sealed class GranaryClient(IGrainFactory grains, IClusterManifestProvider manifests) : IGranaryClient
{
    private static readonly GrainType Streams = GrainType.Create(IEventStreamGrain.GrainType);

    public Task<StreamAppendAnswer> AppendAsync(
        StreamName stream, StreamAppend append, CancellationToken cancellationToken)
    {
        if (IsGrainType(stream.Category)) throw new CategoryOwnedException(stream.Category);
        return grains.GetGrain<IEventStreamGrain>(stream.ToString()).Append(append).WaitAsync(cancellationToken);
    }

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        Log.ReadHead(stream).WaitAsync(cancellationToken);

    public Task<EventPage> ReadStreamAsync(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction,
            CancellationToken cancellationToken) =>
        Log.ReadStream(stream, from, limit, direction).WaitAsync(cancellationToken);

    public Task<StateView> ReadStateAsync(StreamName stream, CancellationToken cancellationToken) =>
        HistoryOf(stream).ReadState().WaitAsync(cancellationToken);

    public Task<StateView> ReadStateAsync(
        StreamName stream, StreamVersion version, CancellationToken cancellationToken) =>
        HistoryOf(stream).ReadStateAtVersion(version).WaitAsync(cancellationToken);

    public Task<StateView> ReadStateAsync(
        StreamName stream, DateTimeOffset instant, CancellationToken cancellationToken) =>
        HistoryOf(stream).ReadStateAtInstant(instant).WaitAsync(cancellationToken);

    public Task<EventPage> ReadLogAsync(
        LogPosition after, int limit, CancellationToken cancellationToken) =>
        Log.ReadLog(after, limit).WaitAsync(cancellationToken);

    public Task<int> GetPartitionCountAsync(CancellationToken cancellationToken) =>
        Log.GetPartitionCount().WaitAsync(cancellationToken);

    private ILogGrain Log => grains.GetGrain<ILogGrain>(0);

    private IHistoryExtension HistoryOf(StreamName stream)
    {
        var id = IsGrainType(stream.Category)
            ? GrainId.Create(stream.Category, stream.Key)
            : GrainId.Create(Streams, stream.ToString());
        return grains.GetGrain(id).AsReference<IHistoryExtension>();
    }

    // Every aggregate's category is its grain type; all the others are streams of JSON events.
    private bool IsGrainType(string category)
    {
        var type = GrainType.Create(category);
        return manifests.Current.AllGrainManifests.Any(manifest => manifest.Grains.ContainsKey(type));
    }
}
