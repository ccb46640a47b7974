using System.Collections.Frozen;
using Granary.Contracts;
using Orleans.Metadata;

namespace Granary.Client;

internal sealed class GranaryClient(IGrainFactory grains, IClusterManifestProvider manifests, TimeProvider time)
    : IGranaryClient
{
    private static readonly GrainType Streams = GrainType.Create(IEventStreamGrain.GrainType);

    private volatile Known? _known;
    private volatile Interface? _streamInterface;

    public Task<StreamAppendAnswer> AppendAsync(
        StreamName stream, StreamAppend append, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<StreamAppendAnswer>(cancellationToken);
        if (KeyKindOf(stream.Category) is not null) throw new CategoryOwnedException(stream.Category);
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

    private Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken) =>
        SafeRetry.RunAsync(read, time, cancellationToken);

    private ILogGrain Log => grains.GetGrain<ILogGrain>(0);

    private IHistoryExtension HistoryOf(StreamName stream)
    {
        if (KeyKindOf(stream.Category) is not { } kind)
            return HistoryOf(GrainId.Create(Streams, stream.ToString()));
        return GrainKeys.TryToGrainKey(kind, stream.Key, out var key)
            ? HistoryOf(GrainId.Create(GrainType.Create(stream.Category), key))
            : throw new InvalidStreamKeyException(stream.Category, stream.Key, kind);
    }

    private IHistoryExtension HistoryOf(GrainId id) => grains.GetGrain(id).AsReference<IHistoryExtension>();

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

    // The category of an aggregate is its grain type; all other categories are streams of JSON events. What the cluster
    // has is collected again when its manifest is another.
    private GrainKeyKind? KeyKindOf(string category)
    {
        var manifest = manifests.Current;
        var known = _known;
        if (known is null || !ReferenceEquals(known.Manifest, manifest))
            _known = known = new(manifest, KeyKinds(manifest));
        return known.KeyKinds.TryGetValue(category, out var kind) ? kind : null;
    }

    private static FrozenDictionary<string, GrainKeyKind> KeyKinds(ClusterManifest manifest)
    {
        var kinds = new Dictionary<string, GrainKeyKind>(StringComparer.Ordinal);
        foreach (var (type, properties) in manifest.AllGrainManifests.SelectMany(static one => one.Grains))
        {
            kinds[type.ToString()!] = properties.Properties.TryGetValue(GrainKeys.KindProperty, out var kind)
                ? Enum.Parse<GrainKeyKind>(kind)
                : GrainKeyKind.Text;
        }

        return kinds.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Known(ClusterManifest Manifest, FrozenDictionary<string, GrainKeyKind> KeyKinds);

    private sealed record Interface(GrainInterfaceType Type);
}
