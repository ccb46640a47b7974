using System.Collections.Concurrent;
using System.Collections.Frozen;
using Orleans.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Names the streams of grains so that no two grains share one: the category is the grain type, the key follows from
/// the grain's key (<see cref="GrainKeys"/>).
/// </summary>
internal sealed class GrainStreams(IClusterManifestProvider manifests)
{
    private readonly ConcurrentDictionary<GrainType, Category> _categories = new();
    private volatile GrainTypes? _grainTypes;

    /// <summary>The stream of a grain.</summary>
    /// <exception cref="InvalidStreamKeyException">The grain's key is not one that Orleans makes.</exception>
    /// <exception cref="CategoryOwnedException">
    /// The grain names its stream itself, in the category of another grain type.
    /// </exception>
    public StreamName NameOf(object grain, GrainId id)
    {
        if (grain is IStreamNamed named) return Checked(named.StreamName, id.Type);
        var category = _categories.GetOrAdd(
            id.Type, static (type, grainClass) => new(type.ToString()!, GrainKeys.KindOf(grainClass)), grain.GetType());
        return GrainKeys.TryToStreamKey(category.Kind, id.Key, out var key)
            ? new StreamName(category.Name, key)
            : throw new InvalidStreamKeyException(category.Name, id.Key.ToString()!, category.Kind);
    }

    private StreamName Checked(StreamName name, GrainType own)
    {
        var manifest = manifests.Current;
        var known = _grainTypes;
        if (known is null || !ReferenceEquals(known.Manifest, manifest))
            _grainTypes = known = new(manifest, manifest.AllGrainManifests
                .SelectMany(static one => one.Grains.Keys)
                .Select(static type => type.ToString()!)
                .ToFrozenSet(StringComparer.Ordinal));
        if (known.Names.Contains(name.Category) && name.Category != own.ToString())
            throw new CategoryOwnedException(name.Category);
        return name;
    }

    private readonly record struct Category(string Name, GrainKeyKind Kind);

    private sealed record GrainTypes(ClusterManifest Manifest, FrozenSet<string> Names);
}
