using System.Collections.Frozen;
using Granary.Contracts;
using Orleans.Metadata;

namespace Granary.Client;

internal sealed class GranaryClient(IGrainFactory grains, IClusterManifestProvider manifests) : IGranaryClient
{
    private static readonly GrainType Streams = GrainType.Create(IEventStreamGrain.GrainType);

    private volatile Known? _known;
    private volatile Interface? _streamInterface;

    public Task<StreamAppendAnswer> AppendAsync(
        StreamName stream, StreamAppend append, CancellationToken cancellationToken)
    {
        if (IsGrainType(stream.Category)) throw new CategoryOwnedException(stream.Category);
        return StreamOf(stream).Append(append).WaitAsync(cancellationToken);
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

    // Every aggregate's category is its grain type; all the others are streams of JSON events. What the cluster has
    // is gathered again whenever its manifest is another.
    private bool IsGrainType(string category)
    {
        var manifest = manifests.Current;
        var known = _known;
        if (known is null || !ReferenceEquals(known.Manifest, manifest))
            _known = known = new(manifest, GrainTypes(manifest));
        return known.GrainTypes.Contains(category);
    }

    private static FrozenSet<string> GrainTypes(ClusterManifest manifest) => manifest.AllGrainManifests
        .SelectMany(static one => one.Grains.Keys)
        .Select(static type => type.ToString()!)
        .ToFrozenSet(StringComparer.Ordinal);

    private sealed record Known(ClusterManifest Manifest, FrozenSet<string> GrainTypes);

    private sealed record Interface(GrainInterfaceType Type);
}
