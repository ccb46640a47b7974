using Orleans.EventSourcing;
using Orleans.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Publishes in the cluster's manifest what keys a journaled grain type has, so that clients find a grain by the name
/// of its stream.
/// </summary>
internal sealed class GrainKeyProperties : IGrainPropertiesProvider
{
    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (!typeof(ILogConsistencyProtocolParticipant).IsAssignableFrom(grainClass)) return;
        var kind = GrainKeys.KindOf(grainClass);
        if (kind != GrainKeyKind.Text) properties[GrainKeys.KindProperty] = kind.ToString();
    }
}
