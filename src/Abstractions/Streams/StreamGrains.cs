using System.Collections.Frozen;
using Orleans.Metadata;

namespace Granary;

/// <summary>
/// Finds the grain of a stream by what the cluster has. The category of an aggregate is its grain type; the streams of
/// all other categories belong to the grains of one type, whose keys are the streams' names.
/// </summary>
/// <param name="manifests">What the cluster has.</param>
/// <param name="others">The grain type of all other categories.</param>
internal sealed class StreamGrains(IClusterManifestProvider manifests, GrainType others)
{
    private volatile Known? _known;

    /// <summary>The grain of a stream.</summary>
    /// <exception cref="InvalidStreamKeyException">The grains of its category have no such key.</exception>
    public GrainId GrainOf(StreamName stream)
    {
        if (KeyKindOf(stream.Category) is not { } kind) return GrainId.Create(others, stream.ToString());
        return GrainKeys.TryToGrainKey(kind, stream.Key, out var key)
            ? GrainId.Create(GrainType.Create(stream.Category), key)
            : throw new InvalidStreamKeyException(stream.Category, stream.Key, kind);
    }

    /// <summary>
    /// What keys the grains of a category have; null where it is no grain type. What the cluster has is collected again
    /// when its manifest is another.
    /// </summary>
    public GrainKeyKind? KeyKindOf(string category)
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
}
